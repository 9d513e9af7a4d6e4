/** Something that people or their systems want to hear of, such as a rollback. */
export interface Notification {
  /** Never repeats; receivers drop what they have seen. */
  readonly id: string;
  /** What happened, from a bounded set: `rollout.rolled-back`, `receipts.head`, … */
  readonly type: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Plain JSON for machines. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

export interface Notifier {
  /**
   * Takes a notification to deliver, with retries; returns at once and never throws. Receivers may get it twice, and a
   * later one first. What cannot be delivered is logged by the host.
   */
  notify(notification: Notification): void;
  /** Resolves when everything that was taken is delivered or given up. */
  drained(): Promise<void>;
}

/** What carries a notification. */
export type ChannelKind = 'webhook' | 'slack' | 'email';

/** One way by which notifications leave. */
export interface NotificationChannel {
  readonly kind: ChannelKind;
  /** Where it leads, for people and logs: a host or addresses, never a path or a secret. */
  readonly target: string;
  /** Whether people read it: they are spared what is for machines alone, such as `receipts.head`. */
  readonly isForPeople: boolean;
  /**
   * Tries once, and gives up when the signal is aborted. Resolves when the receiver has taken it.
   * @throws Error whose message says what went wrong, fit for people and logs; {@link DeliveryError} where the receiver said
   *   more
   */
  deliver(notification: Notification, signal: AbortSignal): Promise<void>;
  /** Frees what it holds. Never rejects. */
  close(): Promise<void>;
}

/** What a receiver said of a notification that it did not take. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** The receiver wants no more of it. */
  readonly isFinal: boolean;
  /** When it may be asked again, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, details: { readonly isFinal: boolean; readonly retryAfterMs: number }) {
    super(message);
    this.isFinal = details.isFinal;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What became of a notification in one channel. */
export interface Delivery {
  readonly channel: ChannelKind;
  readonly target: string;
  readonly delivered: boolean;
  /** Why it was not delivered. */
  readonly problem?: string;
  /** There is no use in another try. */
  readonly isFinal?: true;
}
