import type { Deployments } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { ShadowPair, ShadowPairRepository } from '../ports/feedback-repository.ts';
import type { Hash } from '../ports/hash.ts';
import type { Ids } from '../ports/ids.ts';
import type { GenerateEvent, GenerateRequest, WireRequest } from '../ports/model-runtime.ts';
import { hasArtifact } from '../registry/version-spec.ts';
import type { RolloutCounters } from '../rollouts/rollout-counters.ts';
import { hashToUnit } from '../routing/hash-unit.ts';
import type { Traffic } from '../routing/traffic.ts';
import { type BufferProblem, createPredictionBuffer, type PredictionBuffer } from '../services/buffer-predictions.ts';
import { AnswerCollector } from './answer-collector.ts';
import { compareAnswers } from './compare-answers.ts';
import { type PlainAnswer, plainAnswerDigest } from './plain-answer.ts';
import { readAnswer } from './read-answer.ts';
import { runCopy } from './run-copy.ts';
import { type ReadWireRequest, type ShadowWork, sizeOfEvent, sizeOfWork } from './shadow-work.ts';

export interface ShadowPorts {
  readonly projectId: string;
  readonly deployments: Pick<Deployments, 'find'>;
  readonly pairs: Pick<ShadowPairRepository, 'insertMany'>;
  /** Told of each copy that says something of the candidate, and of none that was dropped. */
  readonly counters: Pick<RolloutCounters, 'countCopy'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly hash: Hash;
  /** For a candidate on this machine beside a stable version that is an upstream's. Absent: it gets no copies. */
  readonly readWire?: ReadWireRequest;
  /** Told of pairs that could not be written. Must not throw. */
  onError(problem: BufferProblem): void;
  /** For hosts whose requests end with their answers: takes what must still run, until its pair is stored. */
  keepAlive?(work: Promise<void>): void;
  readonly limits?: Partial<ShadowLimits>;
}

export interface ShadowLimits {
  /** Copies that wait for the candidate of one rollout; what comes when so many wait is dropped. */
  readonly waiting: number;
  /** Of all copies that wait, in characters. */
  readonly waitingSize: number;
  /** Of one streamed answer, in characters. */
  readonly answerSize: number;
  /** Of one copy. */
  readonly deadlineMs: number;
  /** Copies that one candidate works on at a time, where its engine shares this machine with stable's. */
  readonly localAtOnce: number;
  readonly remoteAtOnce: number;
  /** From which cosine on two vectors agree. */
  readonly minCosine: number;
}

const defaultLimits: ShadowLimits = {
  waiting: 64,
  waitingSize: 8 * 1024 * 1024,
  answerSize: 2 * 1024 * 1024,
  deadlineMs: 60_000,
  localAtOnce: 1,
  remoteAtOnce: 4,
  minCosine: 0.99,
};

/** How long a copy waits where requests are kept for it: hosts end them half a minute after their answers. */
const longestWaitMs = 15_000;
/** After its deadline a copy has this long to say that it ended. */
const lostAfterMs = 5_000;

/** Copies a share of the requests that stable answers to the candidate, and writes down whether the answers agree. */
export interface ShadowCopier {
  /**
   * Decides at the start of a request whether it is copied, by a hash of its id that is independent of its assignment.
   * Costs one comparison where nothing is shadowed.
   * @param version that was assigned; only what stable answers is copied
   */
  sample(traffic: Traffic, requestId: string, version: string): ShadowSample | undefined;
  /** Ends the copies that run, drops those that wait, and stores the pairs. Never throws. */
  close(): Promise<void>;
  /** Copies that wait, of all rollouts. */
  readonly waiting: number;
  /** Copies that were not made, because too many waited, the candidate was busy, or it takes no such requests. */
  readonly dropped: number;
}

/**
 * A request that will be copied once stable has answered it well. Its first piece of work counts, so that a request is
 * never more than one pair. No method waits or throws.
 */
export interface ShadowSample {
  /** Of an answer that came in one piece. */
  offer(work: ShadowWork): void;
  collectEvents(request: GenerateRequest): AnswerCollector<GenerateEvent>;
  /** Takes the JSON texts of the chunks. */
  collectChunks(request: WireRequest): AnswerCollector<string>;
}

/** @returns a copier that does nothing until it is offered something */
export function createShadowCopier(ports: ShadowPorts): ShadowCopier {
  const copier = new Copier(ports);
  return {
    sample: (traffic, requestId, version) => {
      if (traffic.shadow === 0) return undefined;
      return copier.sample(traffic, requestId, version);
    },
    close: () => copier.close(),
    get waiting() {
      return copier.waiting;
    },
    get dropped() {
      return copier.dropped;
    },
  };
}

interface Copy {
  readonly rolloutId: string;
  /** That the request was assigned with. */
  readonly traffic: Traffic;
  readonly model: string;
  readonly candidate: string;
  readonly requestId: string;
  readonly work: ShadowWork;
  readonly size: number;
  onDone(): void;
  /** Runs it, in its own request: what runs in another one may end with that, and is never heard of again. */
  start(candidate: VersionSupervisor, controller: AbortController, onEnd: () => void): void;
}

/** The copies of one rollout: a candidate that hangs keeps no other's waiting. */
interface Lane {
  readonly waiting: Copy[];
  /** When each copy that runs began, by the monotonic clock. */
  readonly running: Map<AbortController, number>;
}

class Copier {
  readonly #ports: ShadowPorts;
  readonly #limits: ShadowLimits;
  readonly #pairs: PredictionBuffer<ShadowPair>;
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Map<AbortController, Promise<void>>();
  #waitingSize = 0;
  #isClosed = false;
  dropped = 0;

  constructor(ports: ShadowPorts) {
    this.#ports = ports;
    this.#limits = { ...defaultLimits, ...ports.limits };
    this.#pairs = createPredictionBuffer<ShadowPair>({
      repository: ports.pairs,
      clock: ports.clock,
      onError: (problem) => ports.onError(problem),
      maxRows: 10_000,
    });
  }

  get waiting(): number {
    let waiting = 0;
    for (const lane of this.#lanes.values()) waiting += lane.waiting.length;
    return waiting;
  }

  sample(traffic: Traffic, requestId: string, version: string): ShadowSample | undefined {
    const { rolloutId, candidate, model, stable, shadow, salt } = traffic;
    if (rolloutId === undefined || candidate === undefined || version !== stable || this.#isClosed) return undefined;
    if (hashToUnit(`${salt}/shadow/${requestId}`) >= shadow) return undefined;
    let isOffered = false;
    const offer = (work: ShadowWork): void => {
      if (isOffered) return;
      isOffered = true;
      this.#offer({ rolloutId, traffic, model, candidate, requestId, work });
    };
    const { answerSize } = this.#limits;
    return {
      offer,
      collectEvents: (request) =>
        new AnswerCollector(sizeOfEvent, answerSize, (answer) => offer({ kind: 'generate', request, answer })),
      collectChunks: (request) =>
        new AnswerCollector(
          ({ length }) => length,
          answerSize,
          (answer) => offer({ kind: 'forward', request, answer }),
        ),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) this.#drop(lane.waiting.splice(0));
    for (const controller of this.#running.keys()) {
      controller.abort(new ScarmonitError('cancelled', 'The server is closing.'));
    }
    await Promise.all(this.#running.values());
    await this.#pairs.close();
  }

  /** Not before the client has its answer: measuring, queueing and asking all happen in a later turn. */
  #offer(offered: Omit<Copy, 'size' | 'onDone' | 'start'>): void {
    const { keepAlive, clock } = this.#ports;
    let onDone = (): void => undefined;
    if (keepAlive !== undefined) {
      const done = new Promise<void>((resolve) => {
        onDone = resolve;
      });
      keepAlive(done.then(() => this.#pairs.flush()).catch(() => undefined));
    }
    clock.schedule(0, () => {
      const turn = Promise.withResolvers<Parameters<Copy['start']>>();
      const copy: Copy = {
        ...offered,
        size: sizeOfWork(offered.work),
        onDone,
        start: (...given) => turn.resolve(given),
      };
      // A request that waits for others alone is taken for one that hangs, and is ended; a timer of its own is not.
      const cancelWait = keepAlive === undefined ? undefined : clock.schedule(longestWaitMs, () => this.#giveUp(copy));
      // Where every request has a context of its own, what follows a promise goes on in the one that waits for it.
      void turn.promise.then((given) => {
        cancelWait?.();
        this.#start(copy, ...given);
      });
      this.#queue(copy);
    });
  }

  /** Its request will not be kept for much longer. */
  #giveUp(copy: Copy): void {
    const waiting = this.#lanes.get(copy.rolloutId)?.waiting ?? [];
    const index = waiting.indexOf(copy);
    if (index >= 0) this.#drop(waiting.splice(index, 1));
  }

  #queue(copy: Copy): void {
    const lane: Lane = this.#lanes.get(copy.rolloutId) ?? { waiting: [], running: new Map() };
    const isFull =
      lane.waiting.length >= this.#limits.waiting || this.#waitingSize + copy.size > this.#limits.waitingSize;
    if (this.#isClosed || isFull) {
      this.dropped += 1;
      copy.onDone();
      return;
    }
    this.#lanes.set(copy.rolloutId, lane);
    lane.waiting.push(copy);
    this.#waitingSize += copy.size;
    this.#advance(copy.rolloutId, lane);
  }

  #advance(rolloutId: string, lane: Lane): void {
    this.#forgetLost(lane);
    for (let next = lane.waiting[0]; next !== undefined && !this.#isClosed; next = lane.waiting[0]) {
      const candidate = this.#findCandidate(next);
      if (candidate === undefined) {
        this.#drop(lane.waiting.splice(0));
        break;
      }
      const { localAtOnce, remoteAtOnce } = this.#limits;
      if (lane.running.size >= (hasArtifact(candidate.spec) ? localAtOnce : remoteAtOnce)) return;
      lane.waiting.shift();
      this.#waitingSize -= next.size;
      const controller = new AbortController();
      lane.running.set(controller, this.#ports.clock.monotonicMs());
      next.start(candidate, controller, () => {
        lane.running.delete(controller);
        this.#advance(rolloutId, lane);
      });
    }
    if (lane.running.size === 0 && lane.waiting.length === 0) this.#lanes.delete(rolloutId);
  }

  /** A copy whose request was ended by the host does not even come to its deadline. */
  #forgetLost({ running }: Lane): void {
    const lostSince = this.#ports.clock.monotonicMs() - this.#limits.deadlineMs - lostAfterMs;
    for (const [controller, since] of running) {
      if (since > lostSince) return;
      running.delete(controller);
      this.#running.delete(controller);
    }
  }

  /** Undefined when its rollout shadows no longer, or it is not here. */
  #findCandidate({ model, rolloutId, candidate }: Copy): VersionSupervisor | undefined {
    const live = this.#ports.deployments.find(model);
    if (live === undefined || live.traffic.rolloutId !== rolloutId || live.traffic.shadow === 0) return undefined;
    return live.versions.get(candidate);
  }

  #drop(copies: readonly Copy[]): void {
    this.dropped += copies.length;
    for (const copy of copies) {
      this.#waitingSize -= copy.size;
      copy.onDone();
    }
  }

  #start(copy: Copy, candidate: VersionSupervisor, controller: AbortController, onEnd: () => void): void {
    if (this.#isClosed) {
      this.dropped += 1;
      copy.onDone();
      return;
    }
    const running = this.#run(copy, candidate, controller).finally(() => {
      this.#running.delete(controller);
      copy.onDone();
      onEnd();
    });
    this.#running.set(controller, running);
  }

  async #run(copy: Copy, candidate: VersionSupervisor, controller: AbortController): Promise<void> {
    const stable = readAnswer(copy.work);
    if (stable === undefined) {
      this.dropped += 1;
      return;
    }
    // After a restart of the server, or in a process that has just heard of it.
    const isLoading = candidate.state === 'pending' || candidate.state === 'loading';
    try {
      this.#record(copy, stable, await this.#ask(copy, candidate, controller));
    } catch (error) {
      if (this.#isClosed || isLoading || isNobodysFault(error)) this.dropped += 1;
      else this.#record(copy, stable, undefined);
    }
  }

  /** @throws ScarmonitError `timeout`, `cancelled`, `not_ready`, and what the candidate throws */
  async #ask(
    { work, requestId }: Copy,
    candidate: VersionSupervisor,
    controller: AbortController,
  ): Promise<PlainAnswer> {
    const { clock, readWire } = this.#ports;
    const { deadlineMs } = this.#limits;
    const { signal } = controller;
    const cancelDeadline = clock.schedule(deadlineMs, () =>
      controller.abort(new ScarmonitError('timeout', `The candidate did not answer within ${deadlineMs / 1000} s.`)),
    );
    try {
      const asked = runCopy(candidate.use(), work, { signal, requestId: `${requestId}-shadow` }, readWire);
      return await Promise.race([asked, untilAborted(signal)]);
    } finally {
      cancelDeadline();
    }
  }

  /** @param candidate undefined when it has failed */
  #record(copy: Copy, stable: PlainAnswer, candidate: PlainAnswer | undefined): void {
    const { rolloutId, requestId, traffic } = copy;
    const { projectId, ids, clock, hash, counters } = this.#ports;
    counters.countCopy(traffic, candidate === undefined, clock.monotonicMs());
    const stableAnswer = plainAnswerDigest(stable, hash);
    const candidateAnswer = candidate === undefined ? undefined : plainAnswerDigest(candidate, hash);
    this.#pairs.record({
      id: ids.next(),
      projectId,
      rolloutId,
      requestId,
      createdAt: clock.now(),
      ...(candidate === undefined ? { agree: false } : compareAnswers(stable, candidate, this.#limits.minCosine)),
      ...(stableAnswer === undefined ? {} : { stableAnswer }),
      ...(candidateAnswer === undefined ? {} : { candidateAnswer }),
      candidateFailed: candidate === undefined,
    });
  }
}

/** For what hears of its signal too late, or never. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** That the candidate is busy says nothing of its answers, nor that it takes no requests in the format of stable's. */
function isNobodysFault(error: unknown): boolean {
  return error instanceof ScarmonitError && ['overloaded', 'rate_limited', 'unsupported'].includes(error.kind);
}
