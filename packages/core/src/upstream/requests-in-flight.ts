import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import { abortError } from './transport-failures.ts';

/** The requests that a version has at an upstream: counts them, keeps their bound, and waits for the last when it closes. */
export class RequestsInFlight {
  readonly #name: string;
  readonly #most: number;
  #count = 0;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /**
   * @param name of the version, for errors: `'support-chat' version 1.1.0`
   * @param most more at once are refused
   */
  constructor(name: string, most: number) {
    this.#name = name;
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * @returns what must be called when the request has ended; more than once is harmless
   * @throws ScarmonitError `cancelled`, `not_ready` while closing, `overloaded`
   */
  enter(signal: CancelSignal): () => void {
    if (signal.aborted) throw abortError(signal);
    if (this.#closing !== undefined) {
      throw new ScarmonitError('not_ready', `The model ${this.#name} is being unloaded.`, {
        code: 'model_not_ready',
        retryAfterMs: 1_000,
      });
    }
    if (this.#count >= this.#most) {
      throw new ScarmonitError('overloaded', 'The upstream has as many requests as it may have. Try again shortly.', {
        retryAfterMs: 1_000,
      });
    }
    this.#count += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#count -= 1;
      if (this.#count === 0) this.#onIdle?.();
    };
  }

  /** Takes no more, waits for the last, and then frees what they used. Idempotent. */
  close(free: () => Promise<unknown>): Promise<void> {
    this.#closing ??= this.#close(free);
    return this.#closing;
  }

  async #close(free: () => Promise<unknown>): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await free();
  }
}
