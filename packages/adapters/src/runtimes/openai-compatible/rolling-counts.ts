import type { Clock } from '@scarmonit/core/ports/clock';

const slotCount = 10;

/** How requests went within the last while, forgotten in tenths of it. */
export class RollingCounts {
  readonly #slotMs: number;
  readonly #clock: Clock;
  readonly #succeeded = new Array<number>(slotCount).fill(0);
  readonly #failed = new Array<number>(slotCount).fill(0);
  #slot: number;

  constructor(windowMs: number, clock: Clock) {
    this.#slotMs = windowMs / slotCount;
    this.#clock = clock;
    this.#slot = this.#currentSlot();
  }

  add(outcome: 'succeeded' | 'failed'): void {
    this.#forget();
    const counts = outcome === 'succeeded' ? this.#succeeded : this.#failed;
    const at = this.#slot % slotCount;
    counts[at] = (counts[at] ?? 0) + 1;
  }

  read(): { readonly succeeded: number; readonly failed: number } {
    this.#forget();
    return { succeeded: sum(this.#succeeded), failed: sum(this.#failed) };
  }

  clear(): void {
    this.#succeeded.fill(0);
    this.#failed.fill(0);
  }

  #forget(): void {
    const current = this.#currentSlot();
    if (current - this.#slot >= slotCount) this.clear();
    else {
      for (let slot = this.#slot + 1; slot <= current; slot++) {
        this.#succeeded[slot % slotCount] = 0;
        this.#failed[slot % slotCount] = 0;
      }
    }
    this.#slot = current;
  }

  #currentSlot(): number {
    return Math.floor(this.#clock.monotonicMs() / this.#slotMs);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
