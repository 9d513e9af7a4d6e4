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
