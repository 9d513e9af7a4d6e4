/**
 * The part of an `AbortSignal` that a hot path needs, so that a request can be cancelled without one: making two of them a
 * request and listening to them costs a gateway several microseconds. Every `AbortSignal` is one.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  /** Why; a `ScarmonitError` where there is one for the caller. */
  readonly reason: unknown;
  /** The listener is called once, as with an `AbortSignal`, and not at all when it is aborted already. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
