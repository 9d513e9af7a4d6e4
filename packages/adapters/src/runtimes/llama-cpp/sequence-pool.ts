import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** A place to run one request, with a memory of what ran there before. */
export interface PooledSequence {
  /** Its place among the others. */
  readonly position: number;
  /** How many of the first tokens it has computed already. */
  sharedPrefixLength(tokens: readonly number[]): number;
}

interface Waiter<S> {
  readonly tokens: readonly number[];
  readonly accept: (sequence: S) => void;
}

/**
 * Gives each request a sequence of its own: the one that remembers most of its prompt, with a liking for neighbours of
 * those that run, because llama.cpp computes a row of neighbours in one pass; of equals the one that was idle longest.
 * When all are taken, requests wait in order in a queue of bounded length.
 */
export class SequencePool<S extends PooledSequence> {
  readonly #size: number;
  readonly #queueLimit: number;
  readonly #now: () => number;
  /** The longest idle first. */
  readonly #free: S[];
  readonly #startedAt = new Map<S, number>();
  readonly #waiters = new Set<Waiter<S>>();
  #averageRunMs = 1000;
  #onIdle: (() => void) | undefined;

  /** @param now monotonic milliseconds */
  constructor(sequences: readonly S[], queueLimit: number, now: () => number) {
    this.#free = [...sequences];
    this.#size = sequences.length;
    this.#queueLimit = queueLimit;
    this.#now = now;
  }

  get running(): number {
    return this.#startedAt.size;
  }

  get queued(): number {
    return this.#waiters.size;
  }

  /**
   * Waits for a sequence.
   * @throws ScarmonitError `overloaded` with an estimate of when to come back when the queue is full, `cancelled` when
   *   the signal is aborted before a sequence is free
   */
  async acquire(tokens: readonly number[], signal: AbortSignal): Promise<S> {
    if (signal.aborted) throw cancelled();
    const free = this.#takeBest(tokens);
    if (free !== undefined) return free;
    if (this.#waiters.size >= this.#queueLimit) throw this.#overloaded();
    return new Promise<S>((resolve, reject) => {
      const waiter: Waiter<S> = {
        tokens,
        accept: (sequence) => {
          signal.removeEventListener('abort', leave);
          resolve(sequence);
        },
      };
      const leave = (): void => {
        this.#waiters.delete(waiter);
        reject(cancelled());
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Gives a sequence back; the next in the queue gets it, or a better free one. */
  release(sequence: S): void {
    const startedAt = this.#startedAt.get(sequence);
    if (startedAt === undefined) return;
    this.#startedAt.delete(sequence);
    this.#averageRunMs += (this.#now() - startedAt - this.#averageRunMs) / 8;
    this.#free.push(sequence);
    for (const waiter of this.#waiters) {
      const next = this.#takeBest(waiter.tokens);
      if (next === undefined) break;
      this.#waiters.delete(waiter);
      waiter.accept(next);
    }
    if (this.#startedAt.size === 0 && this.#waiters.size === 0) this.#onIdle?.();
  }

  /** Resolves when nothing runs and nobody waits. */
  async idle(): Promise<void> {
    if (this.#startedAt.size === 0 && this.#waiters.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #takeBest(tokens: readonly number[]): S | undefined {
    const busy = new Set([...this.#startedAt.keys()].map((sequence) => sequence.position));
    let best = -1;
    let bestWorth = -1;
    for (const [index, sequence] of this.#free.entries()) {
      const hasNeighbour = busy.has(sequence.position - 1) || busy.has(sequence.position + 1);
      const worth = sequence.sharedPrefixLength(tokens) + (hasNeighbour ? neighbourWorth : 0);
      if (worth > bestWorth) {
        best = index;
        bestWorth = worth;
      }
    }
    const sequence = best === -1 ? undefined : this.#free.splice(best, 1)[0];
    if (sequence !== undefined) this.#startedAt.set(sequence, this.#now());
    return sequence;
  }

  #overloaded(): ScarmonitError {
    const rounds = (this.#waiters.size + 1) / this.#size;
    const retryAfterMs = Math.round(Math.min(60_000, Math.max(500, this.#averageRunMs * rounds)));
    return new ScarmonitError('overloaded', 'The model is busy and its queue is full. Try again later.', {
      retryAfterMs,
    });
  }
}

/** A neighbour that runs saves a pass for every token of the answer: worth about this many tokens of a prompt. */
const neighbourWorth = 256;

/** What a request ends with when its caller left. */
export function cancelled(): ScarmonitError {
  return new ScarmonitError('cancelled', 'The request was cancelled.');
}
