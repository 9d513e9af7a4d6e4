import { fromErrorData, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { FromEngine, ToEngine } from './protocol.ts';

/** Where the answer to a request goes. After `close` or `fail` nothing more comes. */
export interface Answer {
  event?(event: GenerateEvent): void;
  close(message: ClosingMessage): void;
  fail(error: unknown): void;
}

export type ClosingMessage = Extract<FromEngine, { type: 'end' | 'embedded' | 'classified' }>;

export interface InFlightOptions {
  /** Most requests at once. What is above the engine's own slots and queue would only pile up in the channel. */
  readonly limit: number;
  readonly clock: Clock;
  send(message: ToEngine): void;
  /** The engine has not closed a cancelled request within {@link cancelGraceMs}: it hangs. */
  onHang(): void;
}

/** How long an engine may take to close a request that was cancelled. */
export const cancelGraceMs = 10_000;

interface Entry {
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  /** Absent once cancelled: the caller is gone, but the engine still holds a slot. */
  answer: Answer | undefined;
  endGrace: (() => void) | undefined;
}

/** The requests that one engine process works on, each from sending to its closing message. */
export class InFlight {
  readonly #options: InFlightOptions;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  /**
   * Sends a request.
   * @returns its id
   * @throws ScarmonitError `overloaded` at the limit; the signal's reason when it is aborted already
   */
  open(message: (id: number) => ToEngine, signal: AbortSignal, answer: Answer): number {
    if (signal.aborted) throw abortError(signal);
    if (this.#entries.size >= this.#options.limit) {
      throw new ScarmonitError('overloaded', 'The engine has as many requests as it can hold. Try again shortly.', {
        retryAfterMs: 1_000,
      });
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const onAbort = () => {
      const caller = this.#entries.get(id)?.answer;
      this.cancel(id);
      caller?.fail(abortError(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#entries.set(id, { signal, onAbort, answer, endGrace: undefined });
    this.#options.send(message(id));
    return id;
  }

  /** Tells the engine to stop. The slot counts as taken until the engine has closed the request. */
  cancel(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.answer === undefined) return;
    entry.answer = undefined;
    entry.signal.removeEventListener('abort', entry.onAbort);
    entry.endGrace = this.#options.clock.schedule(cancelGraceMs, () => this.#options.onHang());
    this.#options.send({ type: 'cancel', id });
  }

  receive(message: ClosingMessage | Extract<FromEngine, { type: 'event' | 'failed' }>): void {
    const answer = this.#entries.get(message.id)?.answer;
    if (message.type === 'event') {
      answer?.event?.(message.event);
      return;
    }
    this.#close(message.id);
    if (message.type === 'failed') answer?.fail(fromErrorData(message.error));
    else answer?.close(message);
  }

  /** The process is gone: every caller gets the error. */
  failAll(error: unknown): void {
    for (const [id, { answer }] of [...this.#entries]) {
      this.#close(id);
      answer?.fail(error);
    }
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #close(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.signal.removeEventListener('abort', entry.onAbort);
    entry.endGrace?.();
    if (this.#entries.size === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}

/** A deadline or a draining server says why in the signal's reason; otherwise the client has left. */
function abortError(signal: AbortSignal): ScarmonitError {
  if (signal.reason instanceof ScarmonitError) return signal.reason;
  return new ScarmonitError('cancelled', 'The request was cancelled.', { cause: signal.reason });
}
