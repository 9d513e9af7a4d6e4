/** One thing to do, in a list of those that wait as long as it does. */
interface Entry {
  readonly dueAt: number;
  readonly run: () => void;
  earlier: Entry | undefined;
  later: Entry | undefined;
}

/**
 * Timers that are cheap to set and to cancel: all of one delay are in one list, in the order in which they are due, behind
 * one timer of Node's. `setTimeout` keeps such lists too, but an unreferenced timer a request has it tell libuv twice that
 * there is nothing to wait for.
 */
export class TimerQueues {
  readonly #queues = new Map<number, TimerQueue>();

  /**
   * Calls `run` once after `delayMs`, not before. Does not keep the process alive.
   * @param delayMs whole milliseconds
   * @returns a function that cancels it
   */
  schedule(delayMs: number, run: () => void): () => void {
    let queue = this.#queues.get(delayMs);
    if (queue === undefined) {
      queue = new TimerQueue(delayMs, () => this.#queues.delete(delayMs));
      this.#queues.set(delayMs, queue);
    }
    return queue.add(run);
  }
}

class TimerQueue {
  readonly #delayMs: number;
  readonly #onIdle: () => void;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #isArmed = false;

  /** @param onIdle called when the timer finds nothing to wait for */
  constructor(delayMs: number, onIdle: () => void) {
    this.#delayMs = delayMs;
    this.#onIdle = onIdle;
  }

  add(run: () => void): () => void {
    const entry: Entry = { dueAt: performance.now() + this.#delayMs, run, earlier: this.#last, later: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
    if (!this.#isArmed) this.#arm(this.#delayMs);
    let isWaiting = true;
    return () => {
      if (isWaiting) this.#remove(entry);
      isWaiting = false;
    };
  }

  #remove(entry: Entry): void {
    const { earlier, later } = entry;
    if (earlier !== undefined) earlier.later = later;
    else if (this.#first === entry) this.#first = later;
    // It is out of the list already: it has run.
    else return;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
  }

  #arm(delayMs: number): void {
    this.#isArmed = true;
    setTimeout(() => this.#runDue(), Math.ceil(delayMs)).unref();
  }

  #runDue(): void {
    const now = performance.now();
    try {
      for (let entry = this.#first; entry !== undefined && entry.dueAt <= now; entry = this.#first) {
        this.#remove(entry);
        entry.run();
      }
    } finally {
      // Not before, so that what runs may add to the list. Also after one that threw: the others are still waited for.
      this.#isArmed = false;
      if (this.#first !== undefined) this.#arm(Math.max(1, this.#first.dueAt - performance.now()));
      else this.#onIdle();
    }
  }
}
