import type { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { BreakerOptions } from './options.ts';
import { RollingCounts } from './rolling-counts.ts';

/** The leave to send one request. Say once how it went: `succeed`, `fail` or `release`. */
export interface Permit {
  /**
   * A stream has begun, which may last: whoever waits for a probe need not wait for its end. How it went is still to be
   * said. A target that begins every stream and ends none well must not pass for a good one.
   */
  begin(): void;
  succeed(): void;
  /** @param retryAfterMs when the upstream says that it can be asked again */
  fail(error: ScarmonitError, retryAfterMs?: number): void;
  /** It came to nothing that tells of the target: the client left. */
  release(): void;
}

/**
 * Keeps requests away from a target that fails.
 *
 * `closed` → `open` after {@link BreakerOptions.failures} failures in a row, or as many within the window that are at least
 * half of its requests → `half-open` when the cool-down is over: one request is let through, and closes it or opens it
 * again; a stream closes it when it begins, and opens it again at once should it break. A `Retry-After` that ends later than the cool-down prolongs it; one that ends earlier never shortens it.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #clock: Clock;
  readonly #counts: RollingCounts;
  #failuresInARow = 0;
  /** Undefined while closed; monotonic. */
  #openUntil: number | undefined;
  #isProbing = false;
  #lastError: ScarmonitError | undefined;
  #lastErrorAt = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#counts = new RollingCounts(options.windowMs, clock);
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openUntil === undefined) return 'closed';
    return this.#clock.monotonicMs() < this.#openUntil ? 'open' : 'half-open';
  }

  /** Whether `acquire` may be called now. */
  get isAvailable(): boolean {
    const { state } = this;
    return state === 'closed' || (state === 'half-open' && !this.#isProbing);
  }

  /** How long until a request is let through again; 0 unless open. */
  get opensInMs(): number {
    return this.#openUntil === undefined ? 0 : Math.max(0, this.#openUntil - this.#clock.monotonicMs());
  }

  /** What failed last, and when (monotonic). */
  get lastFailure(): { readonly error: ScarmonitError; readonly at: number } | undefined {
    return this.#lastError === undefined ? undefined : { error: this.#lastError, at: this.#lastErrorAt };
  }

  acquire(): Permit {
    let isProbe = this.state === 'half-open';
    if (isProbe) this.#isProbing = true;
    const endProbe = (): boolean => {
      const wasProbe = isProbe;
      isProbe = false;
      if (wasProbe) this.#isProbing = false;
      return wasProbe;
    };
    return {
      begin: () => {
        if (endProbe()) this.#close();
      },
      succeed: () => this.#succeed(endProbe()),
      fail: (error, retryAfterMs = 0) => this.#fail(error, retryAfterMs, endProbe()),
      release: () => void endProbe(),
    };
  }

  #succeed(wasProbe: boolean): void {
    if (wasProbe) this.#close();
    this.#failuresInARow = 0;
    this.#counts.add('succeeded');
  }

  /** The failures in a row stay until something has succeeded. */
  #close(): void {
    this.#openUntil = undefined;
    this.#counts.clear();
  }

  #fail(error: ScarmonitError, retryAfterMs: number, wasProbe: boolean): void {
    const now = this.#clock.monotonicMs();
    this.#lastError = error;
    this.#lastErrorAt = now;
    this.#failuresInARow += 1;
    this.#counts.add('failed');
    if (wasProbe || (this.#openUntil === undefined && this.#hasFailedEnough())) {
      this.#openUntil = now + this.#options.coolDownMs;
    }
    if (this.#openUntil !== undefined) this.#openUntil = Math.max(this.#openUntil, now + retryAfterMs);
  }

  #hasFailedEnough(): boolean {
    const { failures } = this.#options;
    if (this.#failuresInARow >= failures) return true;
    const { succeeded, failed } = this.#counts.read();
    return failed >= failures && failed >= succeeded;
  }
}
