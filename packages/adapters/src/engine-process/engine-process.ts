import type { ChildProcess } from 'node:child_process';
import { fromErrorData, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { EngineFigures } from '@scarmonit/core/ports/engine';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  GenerateEvent,
  GenerateRequest,
} from '@scarmonit/core/ports/model-runtime';
import type { LocalVersionSpec } from '@scarmonit/core/registry/version-spec';
import { captureLines } from './capture-lines.ts';
import { describeExit } from './describe-exit.ts';
import { EventQueue } from './event-queue.ts';
import { type EngineProgram, forkEngine } from './fork-engine.ts';
import { type ClosingMessage, InFlight } from './in-flight.ts';
import { createOutbox } from './outbox.ts';
import { unpackVectors } from './pack-vectors.ts';
import { type Ability, type FromEngine, type ToEngine, takenEvery } from './protocol.ts';

export interface EngineProcessOptions extends EngineProgram {
  readonly clock: Clock;
  /** A process that was forked for this engine ahead of its use, if there is one. */
  takePrepared?(): ChildProcess | undefined;
}

export interface EngineProcessLife {
  readonly spec: LocalVersionSpec;
  /** Resolves when the artifact may be read; a rejection ends the process. */
  readonly artifactPath: Promise<string>;
  /** Ends the loading at once. */
  readonly signal: AbortSignal;
  /** Each line that the engine writes to stdout or stderr. */
  onLog(line: string): void;
  /** The process ended after it had loaded and without being asked to. Requests in flight have failed already. */
  onCrash(departure: Departure): void;
}

/** How a process ended. */
export interface Departure {
  /** In public words: `ran out of memory (SIGABRT)`, `ended unexpectedly with exit code 3`. */
  readonly how: string;
  /** What it wrote last, for logs. */
  readonly lastLines: readonly string[];
}

export interface ProcessFigures {
  readonly figures: EngineFigures;
  readonly residentBytes: number;
}

/** Enough for a native stack trace after the reason. */
const keptLines = 50;
const statsPatienceMs = 1_000;
const exitPatienceMs = 10_000;
const lastWordsPatienceMs = 200;

/** One process with one loaded version in it. When it ends it is over; {@link SupervisedVersion} makes the next. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #life: EngineProcessLife;
  readonly #send: (message: ToEngine) => void;
  readonly #lastLines: string[] = [];
  readonly #loaded = Promise.withResolvers<void>();
  readonly #departed = Promise.withResolvers<Departure>();
  #phase: 'loading' | 'ready' | 'leaving' | 'gone' = 'loading';
  #killedBecause: string | undefined;
  #inFlight: InFlight;
  #abilities: readonly Ability[] = [];
  #latest: ProcessFigures | undefined;
  #statsAnswer: PromiseWithResolvers<void> | undefined;

  /**
   * Forks a process and loads a version in it.
   * @throws ScarmonitError `engine_failure` with the engine's reason, or how the process ended
   */
  static async start(options: EngineProcessOptions, life: EngineProcessLife): Promise<EngineProcess> {
    if (life.signal.aborted) throw new ScarmonitError('cancelled', 'The version was unloaded before it was loaded.');
    const engine = new EngineProcess(options, life);
    const abandon = () => engine.kill('was stopped while loading');
    life.signal.addEventListener('abort', abandon, { once: true });
    try {
      await engine.#loaded.promise;
      return engine;
    } finally {
      life.signal.removeEventListener('abort', abandon);
    }
  }

  private constructor(options: EngineProcessOptions, life: EngineProcessLife) {
    this.#clock = options.clock;
    this.#life = life;
    this.#child = options.takePrepared?.() ?? forkEngine(options);
    this.#send = createOutbox((batch) => {
      // The callback takes the error of a channel that closed meanwhile; the exit tells the rest.
      if (this.#child.connected) this.#child.send(batch, () => {});
    }, queueMicrotask);
    this.#inFlight = this.#createInFlight(0);
    this.#listen();
    life.artifactPath.then(
      (artifactPath) => this.#send({ type: 'load', spec: life.spec, artifactPath }),
      (error: unknown) => {
        this.#loaded.reject(error);
        this.kill('was not needed: its artifact cannot be used');
      },
    );
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  get abilities(): readonly Ability[] {
    return this.#abilities;
  }

  embed(request: EmbedRequest, signal: AbortSignal): Promise<EmbedResult> {
    return this.#ask(
      (id) => ({ type: 'embed', id, request }),
      signal,
      (message) => (message.type === 'embedded' ? unpackVectors(message) : undefined),
    );
  }

  classify(request: ClassifyRequest, signal: AbortSignal): Promise<ClassifyResult> {
    return this.#ask(
      (id) => ({ type: 'classify', id, request }),
      signal,
      (message) => (message.type === 'classified' ? message.result : undefined),
    );
  }

  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterableIterator<GenerateEvent> {
    let id: number | undefined;
    let taken = 0;
    const queue = new EventQueue<GenerateEvent>({
      onStart: () => {
        try {
          id = this.#inFlight.open((newId) => ({ type: 'generate', id: newId, request }), signal, {
            event: (event) => queue.push(event),
            close: () => queue.end(),
            fail: (error) => queue.fail(error),
          });
        } catch (error) {
          queue.fail(error);
        }
      },
      onTake: () => {
        taken += 1;
        if (id === undefined || taken < takenEvery) return;
        this.#send({ type: 'taken', id, count: taken });
        taken = 0;
      },
      onReturn: () => {
        if (id !== undefined) this.#inFlight.cancel(id);
      },
    });
    return queue;
  }

  /** The latest figures. An engine that is too busy to answer within a second is reported by its former ones. */
  async stats(): Promise<ProcessFigures | undefined> {
    if (this.#phase === 'gone') return this.#latest;
    if (this.#statsAnswer === undefined) {
      this.#statsAnswer = Promise.withResolvers();
      this.#send({ type: 'stats' });
    }
    const patience = Promise.withResolvers<void>();
    const stopWaiting = this.#clock.schedule(statsPatienceMs, patience.resolve);
    await Promise.race([this.#statsAnswer.promise, patience.promise]);
    stopWaiting();
    return this.#latest;
  }

  /** Ends the process now, as a crash. `because` continues "the engine process …". */
  kill(because: string): void {
    this.#killedBecause ??= because;
    this.#child.kill('SIGKILL');
  }

  /** Waits for what is in flight, lets the engine free everything, and resolves when the process has ended. */
  async dispose(): Promise<void> {
    await this.#inFlight.idle();
    if (this.#phase === 'gone') return;
    this.#phase = 'leaving';
    this.#send({ type: 'unload' });
    const stopWaiting = this.#clock.schedule(exitPatienceMs, () => this.#child.kill('SIGKILL'));
    await this.#departed.promise;
    stopWaiting();
  }

  #createInFlight(limit: number): InFlight {
    return new InFlight({
      limit,
      clock: this.#clock,
      send: (message) => this.#send(message),
      onHang: () => this.kill('did not stop a cancelled request and was ended'),
    });
  }

  #ask<Result>(
    message: (id: number) => ToEngine,
    signal: AbortSignal,
    read: (message: ClosingMessage) => Result | undefined,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#inFlight.open(message, signal, {
        close: (closing) => {
          const result = read(closing);
          if (result === undefined) reject(new ScarmonitError('internal', `unexpected answer '${closing.type}'`));
          else resolve(result);
        },
        fail: reject,
      });
    });
  }

  #listen(): void {
    const child = this.#child;
    child.on('message', (batch) => {
      for (const message of batch as readonly FromEngine[]) this.#receive(message);
    });
    child.on('error', (error) => this.#depart(`could not be run: ${error.message}`));
    // `close` comes after the last line of output was read, `exit` as soon as the process is gone. A grandchild that
    // holds the pipes open must not hold up the requests.
    child.on('exit', (code, signal) => {
      const depart = () => this.#depart(this.#killedBecause ?? describeExit(code, signal, this.#lastLines));
      const stopWaiting = this.#clock.schedule(lastWordsPatienceMs, depart);
      child.once('close', () => {
        stopWaiting();
        depart();
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      captureLines(stream, (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > keptLines) this.#lastLines.shift();
        this.#life.onLog(line);
      });
    }
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'loaded':
        this.#abilities = message.abilities;
        this.#latest = { figures: message.figures, residentBytes: 0 };
        this.#inFlight = this.#createInFlight(message.figures.slots + message.figures.queueLimit);
        this.#phase = 'ready';
        this.#loaded.resolve();
        break;
      case 'load-failed':
        this.#loaded.reject(fromErrorData(message.error));
        break;
      case 'stats':
        this.#latest = { figures: message.figures, residentBytes: message.residentBytes };
        this.#statsAnswer?.resolve();
        this.#statsAnswer = undefined;
        break;
      default:
        this.#inFlight.receive(message);
    }
  }

  #depart(how: string): void {
    if (this.#phase === 'gone') return;
    const departure: Departure = { how, lastLines: this.#lastLines };
    const crashed = this.#phase === 'ready';
    this.#phase = 'gone';
    const cause = new Error(`the engine process ${how}; its last lines:\n${this.#lastLines.join('\n')}`);
    const { model, version } = this.#life.spec;
    const failure = new ScarmonitError('engine_failure', `The engine of '${model}' version ${version} ${how}.`, {
      retryAfterMs: 1_000,
      cause,
    });
    this.#loaded.reject(failure);
    this.#inFlight.failAll(failure);
    this.#statsAnswer?.resolve();
    this.#departed.resolve(departure);
    if (crashed) this.#life.onCrash(departure);
  }
}
