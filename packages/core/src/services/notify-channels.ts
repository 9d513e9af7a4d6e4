import type { Clock } from '../ports/clock.ts';
import {
  type ChannelKind,
  DeliveryError,
  type Notification,
  type NotificationChannel,
  type Notifier,
} from '../ports/notifier.ts';

export interface NotifierParts {
  readonly channels: readonly NotificationChannel[];
  readonly clock: Clock;
  /** From 0 up to 1, for the jitter. */
  readonly random: () => number;
  /** Told of each try that failed and of what was given up. Must not throw. */
  onProblem(problem: DeliveryProblem): void;
  /** Notifications that each channel keeps for another try; beyond it the oldest are dropped. */
  readonly maxWaiting?: number;
}

/** For logs: it may name the receiver's host, and holds neither the path, nor the secret, nor the content. */
export interface DeliveryProblem {
  readonly channel: ChannelKind;
  readonly id: string;
  readonly type: string;
  /** Such as `answered 500`. */
  readonly reason: string;
  readonly tries: number;
  /** Undefined when there will be no other. */
  readonly nextTryMs: number | undefined;
  /** Notifications that were dropped since the start because too many waited. */
  readonly dropped: number;
}

/** A notifier that a host can end. */
export interface ClosableNotifier extends Notifier {
  /** Waits up to five seconds for what is on its way; what waits for another try is given up. Never throws. */
  close(): Promise<void>;
}

/** Between one try and the next; with the jitter of a quarter, six tries within about ten minutes. */
const retryDelaysMs: readonly number[] = [5_000, 15_000, 45_000, 135_000, 405_000];
const longestDelayMs = 405_000;
const tryTimeoutMs = 15_000;
const closeTimeoutMs = 5_000;
const atOnce = 4;
/** What machines alone can read: signed heads of the chain. */
const machineTypes = 'receipts.';

/**
 * Delivers through every channel, each with tries of its own. Receivers may get a notification twice, and later ones first:
 * they go by its id and `createdAt`. What waits is in memory: it ends with the process.
 */
export function createNotifier(parts: NotifierParts): ClosableNotifier {
  const queues = parts.channels.map((channel) => new DeliveryQueue(channel, parts));
  return {
    notify: (notification) => {
      for (const queue of queues) queue.add(notification);
    },
    drained: async () => {
      await Promise.all(queues.map((queue) => queue.drained()));
    },
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

interface WaitingDelivery {
  readonly notification: Notification;
  /** In which they were taken. */
  readonly order: number;
  tries: number;
  /** There while it waits for its next try. */
  cancelRetry?: (() => void) | undefined;
}

class DeliveryQueue {
  readonly #channel: NotificationChannel;
  readonly #parts: NotifierParts;
  readonly #maxWaiting: number;
  /** What is due and what waits for its next try. */
  readonly #waiting = new Set<WaitingDelivery>();
  readonly #sending = new Map<WaitingDelivery, AbortController>();
  #untilDrained: PromiseWithResolvers<void> | undefined;
  #taken = 0;
  #dropped = 0;
  #isClosed = false;

  constructor(channel: NotificationChannel, parts: NotifierParts) {
    this.#channel = channel;
    this.#parts = parts;
    this.#maxWaiting = parts.maxWaiting ?? 1_000;
  }

  add(notification: Notification): void {
    if (this.#isClosed || (this.#channel.isForPeople && notification.type.startsWith(machineTypes))) return;
    this.#waiting.add({ notification, order: this.#taken, tries: 0 });
    this.#taken += 1;
    this.#advance();
    this.#dropOldest();
  }

  drained(): Promise<void> {
    if (this.#waiting.size + this.#sending.size === 0) return Promise.resolve();
    this.#untilDrained ??= Promise.withResolvers();
    return this.#untilDrained.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const delivery of [...this.#waiting]) {
      if (delivery.cancelRetry !== undefined) this.#giveUp(delivery, 'the server is closing');
    }
    const cancelTimeout = this.#parts.clock.schedule(closeTimeoutMs, () => {
      for (const delivery of [...this.#waiting]) this.#giveUp(delivery, 'the server is closing');
      for (const controller of this.#sending.values()) controller.abort();
    });
    await this.drained();
    cancelTimeout();
    await this.#channel.close();
  }

  #advance(): void {
    for (const delivery of this.#waiting) {
      if (this.#sending.size >= atOnce) break;
      if (delivery.cancelRetry === undefined) this.#send(delivery);
    }
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#waiting.size + this.#sending.size > 0) return;
    this.#untilDrained?.resolve();
    this.#untilDrained = undefined;
  }

  #dropOldest(): void {
    if (this.#waiting.size <= this.#maxWaiting) return;
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    this.#dropped += 1;
    this.#giveUp(
      others.reduce((oldest, other) => (other.order < oldest.order ? other : oldest), first),
      'too many wait',
    );
  }

  #send(delivery: WaitingDelivery): void {
    const controller = new AbortController();
    this.#waiting.delete(delivery);
    this.#sending.set(delivery, controller);
    delivery.tries += 1;
    const cancelTimeout = this.#parts.clock.schedule(tryTimeoutMs, () => controller.abort());
    void this.#channel
      .deliver(delivery.notification, controller.signal)
      .then(() => undefined, toFailure)
      .then((failure) => {
        cancelTimeout();
        this.#sending.delete(delivery);
        if (failure !== undefined) this.#retry(delivery, failure);
        this.#advance();
      });
  }

  #retry(delivery: WaitingDelivery, { reason, isFinal, retryAfterMs }: Failure): void {
    const { clock, random } = this.#parts;
    const delayMs = retryDelaysMs[delivery.tries - 1];
    if (delayMs === undefined || isFinal || this.#isClosed) {
      this.#giveUp(delivery, reason);
      return;
    }
    const nextTryMs = Math.max(delayMs * (0.75 + random() / 2), Math.min(retryAfterMs, longestDelayMs));
    delivery.cancelRetry = clock.schedule(nextTryMs, () => {
      delivery.cancelRetry = undefined;
      this.#advance();
    });
    this.#waiting.add(delivery);
    this.#report(delivery, reason, nextTryMs);
    this.#dropOldest();
  }

  #giveUp(delivery: WaitingDelivery, reason: string): void {
    delivery.cancelRetry?.();
    this.#waiting.delete(delivery);
    this.#report(delivery, reason, undefined);
    this.#tellDrained();
  }

  #report({ notification: { id, type }, tries }: WaitingDelivery, reason: string, nextTryMs: number | undefined): void {
    this.#parts.onProblem({ channel: this.#channel.kind, id, type, reason, tries, nextTryMs, dropped: this.#dropped });
  }
}

interface Failure {
  readonly reason: string;
  readonly isFinal: boolean;
  readonly retryAfterMs: number;
}

function toFailure(error: unknown): Failure {
  if (error instanceof DeliveryError)
    return { reason: error.message, isFinal: error.isFinal, retryAfterMs: error.retryAfterMs };
  return { reason: error instanceof Error ? error.message : 'could not be sent', isFinal: false, retryAfterMs: 0 };
}
