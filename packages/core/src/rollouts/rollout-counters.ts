import type { EventKind } from '../gates/facts.ts';
import { createRequestFold, type FoldedFacts, type OpenRequest, type RequestFold } from '../gates/fold-requests.ts';
import type { Gate } from '../gates/gate.ts';
import type { Outcome } from '../ports/prediction-repository.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { Rollout } from './rollout.ts';

/** How a request ended, as its gates see it. */
export interface RequestEnd {
  readonly outcome: Outcome;
  readonly latencyMs: number;
  readonly firstTokenMs: number | undefined;
  readonly costUsd: number;
}

/** A request that was assigned by a rollout and has not ended. */
export interface CountedRequest {
  /** The first end counts; a request of several prompts has several. */
  end(end: RequestEnd): void;
}

/** What counting must know of a rollout. */
export interface CountableRollout extends Pick<Rollout, 'id' | 'model' | 'to' | 'plan'> {
  /** As in its state; 0 when absent. */
  readonly renewedFrom?: number;
}

/** What a rollout has seen on this process since the last time. */
export interface RolloutDelta {
  readonly rolloutId: string;
  readonly folded: FoldedFacts;
  readonly crashes: number;
}

/** The limits of a rollout's goals, by what happens when a request exceeds them. */
type Limits = ReadonlyMap<EventKind, number>;

interface Counted {
  readonly limits: Limits;
  readonly model: string;
  readonly to: string;
  readonly fold: RequestFold;
  /** Failed copies, until a request that began after them shows whether stable still answers. */
  readonly doubted: FailedCopy[];
  /** When the last copy failed that stable could not have answered either, until the candidate answers one. */
  incidentMs: number | undefined;
  crashes: number;
  renewedFrom: number;
}

interface FailedCopy {
  readonly copy: OpenRequest;
  readonly failedMs: number;
}

/**
 * What both versions rest on is back before a candidate is asked again whose target was taken out of rotation meanwhile:
 * a few times as long as that takes.
 */
const aftermathMs = 60_000;

/**
 * Counts the requests of open rollouts on one process, in memory: a few map reads and additions a request. Whoever
 * drains it writes the facts to the store.
 */
export class RolloutCounters {
  readonly #rollouts = new Map<string, Counted>();

  /** Counts these rollouts from now on and no others. One that is counted already goes on; a closed one loses what was not drained. */
  keepOnly(open: readonly CountableRollout[]): void {
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.#rollouts.keys()) if (!ids.has(id)) this.#rollouts.delete(id);
    for (const rollout of open) this.add(rollout);
  }

  /** Begins to count a rollout. One that is counted already goes on. */
  add({ id, model, to, plan, renewedFrom = 0 }: CountableRollout): void {
    const counted = this.#rollouts.get(id);
    if (counted !== undefined) {
      counted.renewedFrom = renewedFrom;
      return;
    }
    const limits = limitsOf(plan.gates);
    const fold = createRequestFold();
    this.#rollouts.set(id, { limits, model, to, fold, doubted: [], incidentMs: undefined, crashes: 0, renewedFrom });
  }

  /** Takes the place of a request that this traffic assigned; undefined when no open rollout did. */
  begin(
    { rolloutId, revision, weight }: Traffic,
    arm: 'stable' | 'candidate',
    stream: boolean,
    keyHash: string | undefined,
  ): CountedRequest | undefined {
    const counted = rolloutId === undefined ? undefined : this.#rollouts.get(rolloutId);
    if (counted === undefined) return undefined;
    const { fold, limits, renewedFrom } = counted;
    const exposedTo = [...limits.keys()].filter((event) => event !== 'over-first-token' || stream);
    const request = fold.assign({
      revision,
      weight,
      arm,
      exposedTo,
      // A key counts once, and once more when all evidence begins anew.
      ...(keyHash === undefined ? {} : { key: renewedFrom === 0 ? keyHash : `${keyHash}@${renewedFrom}` }),
    });
    const doubted = arm === 'stable' && counted.doubted.length > 0 ? counted.doubted.splice(0) : undefined;
    let ended = false;
    return {
      end: (end) => {
        if (ended) return;
        ended = true;
        settle(fold, request, limits, end);
        if (doubted !== undefined) judgeCopies(counted, doubted, end.outcome);
      },
    };
  }

  /**
   * Counts a copy, in the order of their ends, of a request that stable has answered: as an `error` of the candidate, or as
   * none, with or without a goal for errors. Copies that were dropped, or that the candidate was too busy for, are not told.
   *
   * Copies have waited, so that stable's answer is of before. A failed one counts once stable answers a request that began
   * after the failure. Where stable fails that request, too, it never counts, nor do those that follow for a minute or
   * until the candidate answers one. So an outage of what both versions rest on costs the candidate nothing, however many
   * copies wait when it begins.
   * @param nowMs monotonic
   */
  countCopy(
    { rolloutId, revision, weight }: Pick<Traffic, 'rolloutId' | 'revision' | 'weight'>,
    hasFailed: boolean,
    nowMs: number,
  ): void {
    const counted = rolloutId === undefined ? undefined : this.#rollouts.get(rolloutId);
    if (counted === undefined) return;
    const { fold, doubted, incidentMs } = counted;
    if (hasFailed && incidentMs !== undefined && nowMs - incidentMs < aftermathMs) return;
    const copy = fold.assign({ revision, weight, arm: 'candidate', exposedTo: ['error'] });
    if (hasFailed) {
      doubted.push({ copy, failedMs: nowMs });
      return;
    }
    counted.incidentMs = undefined;
    fold.settle(copy, []);
  }

  /** The engine of a version has gone away by itself, which counts where that version is the candidate. */
  countCrash(model: string, version: string): void {
    for (const counted of this.#rollouts.values()) {
      if (counted.model === model && counted.to === version) counted.crashes += 1;
    }
  }

  /** What has changed since the last drain, of each rollout that has anything. */
  drain(cut?: 'cut'): readonly RolloutDelta[] {
    const deltas: RolloutDelta[] = [];
    for (const [rolloutId, counted] of this.#rollouts) {
      const folded = counted.fold.drain(cut);
      const { exposures, buckets } = folded.facts;
      const { crashes } = counted;
      counted.crashes = 0;
      if (exposures.length + buckets.length + folded.sightings.length + crashes > 0) {
        deltas.push({ rolloutId, folded, crashes });
      }
    }
    return deltas;
  }
}

function limitsOf(gates: readonly Gate[]): Limits {
  const limits = new Map<EventKind, number>();
  for (const gate of gates) {
    if ('event' in gate && !gate.delayed) limits.set(gate.event, gate.target);
  }
  return limits;
}

function settle(fold: RequestFold, request: OpenRequest, limits: Limits, end: RequestEnd): void {
  // What the client caused is nobody's merit or fault.
  if (isNobodysFault(end.outcome)) return;
  const happened: EventKind[] = [];
  for (const [event, limit] of limits) {
    if (hasHappened(event, limit, end)) happened.push(event);
  }
  fold.settle(request, happened);
}

/** @param outcome of stable's request that began after the copies had failed */
function judgeCopies(counted: Counted, failed: readonly FailedCopy[], outcome: Outcome): void {
  // What the client caused says nothing: the next request is asked.
  if (isNobodysFault(outcome)) counted.doubted.push(...failed);
  else if (outcome === 'ok') for (const { copy } of failed) counted.fold.settle(copy, ['error']);
  else counted.incidentMs = Math.max(...failed.map(({ failedMs }) => failedMs), counted.incidentMs ?? 0);
}

function isNobodysFault(outcome: Outcome): boolean {
  return outcome === 'client_error' || outcome === 'limited' || outcome === 'cancelled';
}

function hasHappened(event: EventKind, limit: number, end: RequestEnd): boolean {
  const broke = end.outcome === 'error' || end.outcome === 'timeout';
  switch (event) {
    case 'error':
      return broke;
    case 'over-latency':
      return broke || end.latencyMs > limit;
    case 'over-first-token':
      return end.firstTokenMs === undefined || end.firstTokenMs > limit;
    case 'over-cost':
      return end.costUsd > limit;
    case 'unsatisfied':
    case 'task-not-completed':
      return false;
  }
}
