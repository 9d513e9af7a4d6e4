import { cancelledTransfer, throwIfCancelled } from './transfer-errors.ts';

/** One of those that wait for a piece of work. */
export interface Waiter<Progress> {
  readonly signal: AbortSignal;
  onProgress?(progress: Progress): void;
}

interface Running<Result, Progress> {
  readonly waiters: Set<Waiter<Progress>>;
  readonly controller: AbortController;
  readonly result: Promise<Result>;
}

/**
 * Does a piece of work once for all who want it at the same time. All of them hear its progress; it is aborted only when
 * the last of them has left.
 */
export class SharedWork<Result, Progress = never> {
  readonly #running = new Map<string, Running<Result, Progress>>();

  /**
   * Joins the work of this key, or starts it.
   * @throws ScarmonitError `cancelled` when the waiter's own signal is aborted; otherwise what the work throws
   */
  async run(
    key: string,
    waiter: Waiter<Progress>,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<Result>,
  ): Promise<Result> {
    throwIfCancelled(waiter.signal);
    let work = this.#running.get(key);
    while (work?.controller.signal.aborted) {
      // Abandoned but still tidying up: its files must not be touched before it is done.
      await work.result.catch(() => {});
      throwIfCancelled(waiter.signal);
      work = this.#running.get(key);
    }
    return this.#wait(work ?? this.#start(key, start), waiter);
  }

  /** What is being worked on. */
  keys(): Iterable<string> {
    return this.#running.keys();
  }

  #start(
    key: string,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<Result>,
  ): Running<Result, Progress> {
    const controller = new AbortController();
    const waiters = new Set<Waiter<Progress>>();
    const report = (progress: Progress) => {
      for (const waiter of waiters) waiter.onProgress?.(progress);
    };
    const result = start(controller.signal, report).finally(() => this.#running.delete(key));
    // Each waiter gets the rejection; this one is for the case that none is left to get it.
    result.catch(() => {});
    const work = { waiters, controller, result };
    this.#running.set(key, work);
    return work;
  }

  async #wait(work: Running<Result, Progress>, waiter: Waiter<Progress>): Promise<Result> {
    work.waiters.add(waiter);
    const { signal } = waiter;
    const left = Promise.withResolvers<never>();
    const leave = () => {
      work.waiters.delete(waiter);
      if (work.waiters.size > 0) left.reject(cancelledTransfer(signal));
      // The last one out waits until everything is put away.
      else work.controller.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([work.result, left.promise]);
    } catch (error) {
      throw signal.aborted ? cancelledTransfer(signal) : error;
    } finally {
      signal.removeEventListener('abort', leave);
      work.waiters.delete(waiter);
    }
  }
}
