import type { Clock } from '@scarmonit/core/ports/clock';

export interface FreshStateParts {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** Takes over what others changed. Must be safe to run several times at once. */
  refresh(): Promise<void>;
  /** Keeps the work of the current request alive after its answer. */
  waitUntil(work: Promise<unknown>): void;
  /** Told of each refresh that failed. Must not throw. */
  onError(error: unknown): void;
}

/** A revoked key, a new key and a new manifest are known in every isolate after this at the latest. */
const staleAfterMs = 5_000;
/** From this age on a request brings the state up to date behind its answer, so that a busy isolate never waits. */
const agingAfterMs = 2_500;
/** How long a request waits for another one's refresh before it makes its own. */
const joinForMs = 1_000;
/** When the store does not answer, what is known goes on being served; it is asked again this often. */
const retryAfterMs = 1_000;
const longestRefreshMs = 3_000;

/**
 * Keeps what an isolate knows of the store fresh. The age counts from before the store was read, so nothing older than
 * {@link staleAfterMs} is used while the store can be read.
 */
export class FreshState {
  readonly #parts: FreshStateParts;
  #readAt: number | undefined;
  #failedAt: number | undefined;
  #running: { readonly startedAt: number; readonly done: Promise<void> } | undefined;

  constructor(parts: FreshStateParts) {
    this.#parts = parts;
  }

  /** Whether the store could be read when it was last asked. */
  get isSound(): boolean {
    return this.#readAt !== undefined && this.#failedAt === undefined;
  }

  /** Call it before each request. @throws what the store threw, when it has never been read */
  async ensure(): Promise<void> {
    const now = this.#parts.clock.now();
    const ageMs = this.#readAt === undefined ? Number.POSITIVE_INFINITY : now - this.#readAt;
    if (ageMs < agingAfterMs) return;
    const isLoaded = this.#readAt !== undefined;
    if (isLoaded && this.#failedAt !== undefined && now - this.#failedAt < retryAfterMs) return;
    const running = this.#running;
    if (ageMs < staleAfterMs) {
      if (running === undefined || now - running.startedAt > joinForMs) {
        this.#parts.waitUntil(this.#start().catch(() => undefined));
      }
      return;
    }
    // Work that began in another request may be ended with it, and its promise then never settles.
    if (running !== undefined && now - running.startedAt < joinForMs) {
      await Promise.race([running.done.catch(() => undefined), this.#pause(joinForMs)]);
      if (this.#readAt !== undefined && this.#parts.clock.now() - this.#readAt < staleAfterMs) return;
    }
    try {
      await this.#start();
    } catch (error) {
      if (!isLoaded) throw error;
    }
  }

  async #start(): Promise<void> {
    const startedAt = this.#parts.clock.now();
    const work = this.#withDeadline(this.#parts.refresh(), longestRefreshMs);
    const running = { startedAt, done: work };
    this.#running = running;
    try {
      await work;
      this.#readAt = startedAt;
      this.#failedAt = undefined;
    } catch (error) {
      this.#failedAt = this.#parts.clock.now();
      this.#parts.onError(error);
      throw error;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #withDeadline(work: Promise<void>, ms: number): Promise<void> {
    let cancel = (): void => undefined;
    const deadline = new Promise<never>((_, reject) => {
      const tooLate = (): void => reject(new Error(`The store did not answer within ${ms} ms.`));
      cancel = this.#parts.clock.schedule(ms, tooLate);
    });
    try {
      await Promise.race([work, deadline]);
    } finally {
      cancel();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.schedule(ms, resolve));
  }
}
