import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import { chooseBatch } from './choose-batch.ts';
import type { TokenIds } from './tokenize.ts';

export interface BatcherOptions {
  /** Most texts in one batch. */
  readonly maxBatch: number;
  /** How long a text waits for company while nothing computes, at the most. */
  readonly maxDelayMs: number;
  /** Most texts that wait. */
  readonly queueLimit: number;
  readonly clock: Clock;
  /** One inference: a vector for each row, in order. Never called while another is running. */
  readonly run: (rows: readonly TokenIds[]) => Promise<readonly Float32Array[]>;
}

interface Job {
  readonly rows: readonly TokenIds[];
  readonly vectors: Float32Array[];
  /** Indices of the rows that are not in a batch yet, the longest first. */
  waiting: number[];
  /** Rows without a vector. */
  missing: number;
  done: boolean;
  readonly arrivedAt: number;
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Place {
  readonly job: Job;
  readonly row: number;
}

/**
 * Brings together the texts of requests that arrive at about the same time.
 *
 * - One batch computes at a time; while it does, the next collects, and goes as soon as the engine is free.
 * - When the engine is free and a text arrives, it goes at once if the last batch was of one request (then nobody is
 *   expected); otherwise it waits until as many requests are here as shared the last batch, or for `maxDelayMs`.
 * - Requests take turns: each puts one text after another into a batch, and each is in front once a round, so that a
 *   request of a thousand texts does not hold up those of one.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  /** Those with texts that wait; the one in front is the next to be served. */
  #jobs: Job[] = [];
  #queuedTexts = 0;
  #runningTexts = 0;
  #expectedJobs = 1;
  #dispatchIsDue = false;
  #cancelDelay: (() => void) | undefined;
  #msPerText = 0;
  readonly #batchSizes: Record<number, number> = {};
  #idleWaiters: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Texts that compute now and that wait, and how many batches had how many texts. */
  figures(): { readonly running: number; readonly queued: number; readonly batchSizes: Record<number, number> } {
    return { running: this.#runningTexts, queued: this.#queuedTexts, batchSizes: { ...this.#batchSizes } };
  }

  /**
   * Refuses what does not fit into the queue. A request that is larger than the whole queue fits when the queue is
   * empty; otherwise it could never be served.
   * @throws ScarmonitError `overloaded` with an estimate of when there is room
   */
  assertRoomFor(texts: number): void {
    if (this.#queuedTexts === 0 || this.#queuedTexts + texts <= this.#options.queueLimit) return;
    throw new ScarmonitError(
      'overloaded',
      `The queue of this model is full (${this.#queuedTexts} texts). Try again shortly.`,
      {
        retryAfterMs: Math.min(30_000, Math.max(100, Math.ceil(this.#queuedTexts * this.#msPerText))),
      },
    );
  }

  /**
   * A vector for each row, in order.
   * @throws ScarmonitError `overloaded`, `cancelled` (when `signal` is aborted), `engine_failure`
   */
  submit(rows: readonly TokenIds[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    if (signal.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      this.assertRoomFor(rows.length);
      const onAbort = () => this.#drop(job, cancelled());
      const job: Job = {
        rows,
        vectors: new Array<Float32Array>(rows.length),
        waiting: rows.map((_, index) => index).sort((a, b) => lengthOf(rows, b) - lengthOf(rows, a)),
        missing: rows.length,
        done: false,
        arrivedAt: this.#options.clock.monotonicMs(),
        resolve: (vectors) => {
          signal.removeEventListener('abort', onAbort);
          resolve(vectors);
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#jobs.push(job);
      this.#queuedTexts += rows.length;
      this.#dispatchSoon();
    });
  }

  /** Resolves when nothing waits and nothing computes. */
  idle(): Promise<void> {
    if (this.#runningTexts === 0 && this.#queuedTexts === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** After all that arrives in this turn is here. */
  #dispatchSoon(): void {
    if (this.#dispatchIsDue) return;
    this.#dispatchIsDue = true;
    queueMicrotask(() => {
      this.#dispatchIsDue = false;
      this.#dispatchOrWait();
    });
  }

  #dispatchOrWait(): void {
    const front = this.#jobs[0];
    if (this.#runningTexts > 0 || front === undefined) return;
    const { clock, maxBatch, maxDelayMs } = this.#options;
    const oldest = this.#jobs.reduce((earliest, { arrivedAt }) => Math.min(earliest, arrivedAt), front.arrivedAt);
    const delayMs = oldest + maxDelayMs - clock.monotonicMs();
    if (this.#queuedTexts >= maxBatch || this.#jobs.length >= this.#expectedJobs || delayMs <= 0) {
      this.#cancelDelay?.();
      this.#cancelDelay = undefined;
      void this.#compute(this.#take());
      return;
    }
    this.#cancelDelay ??= clock.schedule(delayMs, () => {
      this.#cancelDelay = undefined;
      this.#dispatchOrWait();
    });
  }

  /** Takes the texts of the next batch out of the queue. */
  #take(): readonly Place[] {
    const candidates: Place[] = [];
    for (let turn = 0, found = true; found && candidates.length < this.#options.maxBatch; turn += 1) {
      found = false;
      for (const job of this.#jobs) {
        const row = job.waiting[turn];
        if (candidates.length === this.#options.maxBatch) break;
        if (row === undefined) continue;
        candidates.push({ job, row });
        found = true;
      }
    }
    const chosen = chooseBatch(candidates.map(({ job, row }) => lengthOf(job.rows, row)));
    const places = candidates.filter((_, index) => chosen.includes(index));

    const served = this.#jobs.shift();
    if (served !== undefined) this.#jobs.push(served);
    const jobs = new Set(places.map(({ job }) => job));
    for (const job of jobs) {
      const rows = new Set(places.flatMap((place) => (place.job === job ? [place.row] : [])));
      job.waiting = job.waiting.filter((row) => !rows.has(row));
    }
    this.#jobs = this.#jobs.filter(({ waiting }) => waiting.length > 0);
    this.#queuedTexts -= places.length;
    this.#expectedJobs = jobs.size;
    return places;
  }

  async #compute(places: readonly Place[]): Promise<void> {
    const { clock } = this.#options;
    this.#runningTexts = places.length;
    this.#batchSizes[places.length] = (this.#batchSizes[places.length] ?? 0) + 1;
    const startedAt = clock.monotonicMs();
    try {
      await this.#runAndSettle(places);
      const msPerText = (clock.monotonicMs() - startedAt) / places.length;
      this.#msPerText = this.#msPerText === 0 ? msPerText : 0.8 * this.#msPerText + 0.2 * msPerText;
    } catch (error) {
      await this.#isolateFailure(places, error);
    }
    this.#runningTexts = 0;
    this.#dispatchSoon();
    if (this.#queuedTexts === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  async #runAndSettle(places: readonly Place[]): Promise<void> {
    const vectors = await this.#options.run(places.map(({ job, row }) => job.rows[row] ?? []));
    for (const [index, place] of places.entries()) this.#settle(place, vectors[index]);
  }

  /** One request's input may be what broke the batch: each gets a try of its own, and only the culprit fails. */
  async #isolateFailure(places: readonly Place[], error: unknown): Promise<void> {
    const jobs = new Set(places.map(({ job }) => job));
    for (const job of jobs) {
      if (job.done) continue;
      try {
        if (jobs.size === 1) throw error;
        await this.#runAndSettle(places.filter((place) => place.job === job));
      } catch (reason) {
        this.#drop(job, reason);
      }
    }
  }

  #settle({ job, row }: Place, vector: Float32Array | undefined): void {
    if (job.done) return;
    if (vector === undefined || !vector.every(Number.isFinite)) {
      this.#drop(
        job,
        new ScarmonitError('engine_failure', 'The model computed values that are not numbers for this input.'),
      );
      return;
    }
    job.vectors[row] = vector;
    job.missing -= 1;
    if (job.missing > 0) return;
    job.done = true;
    job.resolve(job.vectors);
  }

  /** Ends a request early. Rows of it that compute now are computed for nobody. */
  #drop(job: Job, error: unknown): void {
    if (job.done) return;
    job.done = true;
    this.#queuedTexts -= job.waiting.length;
    job.waiting = [];
    this.#jobs = this.#jobs.filter((other) => other !== job);
    job.reject(error);
  }
}

function cancelled(): ScarmonitError {
  return new ScarmonitError('cancelled', 'The request was cancelled.');
}

function lengthOf(rows: readonly TokenIds[], row: number): number {
  return rows[row]?.length ?? 0;
}
