import type { Clock } from '@scarmonit/core/ports/clock';
import type { HttpConnections, HttpTransport } from '@scarmonit/core/ports/http-transport';
import type { Notification, Notifier } from '@scarmonit/core/ports/notifier';
import { readRetryAfter } from '@scarmonit/core/upstream/read-retry-after';
import { checkWebhookUrl } from './check-webhook-url.ts';
import { createWebhookSigner, type SignWebhook } from './sign-webhook.ts';

export interface WebhookParts {
  readonly url: string;
  readonly secret: string;
  /** See `AddressRules`. On Node the transport must resolve names by `createGuardedLookup` with the same rule. */
  readonly allowPrivate: boolean;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** From 0 up to 1, for the jitter. */
  readonly random: () => number;
  /** Told of each try that failed and of what was given up. Must not throw. */
  onProblem(problem: WebhookProblem): void;
  /** Notifications that are kept for another try; beyond it the oldest are dropped. */
  readonly maxWaiting?: number;
}

/** For logs: it may name the receiver's host, and holds neither the path, nor the secret, nor the content. */
export interface WebhookProblem {
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
export interface WebhookNotifier extends Notifier {
  /** Waits up to five seconds for what is on its way; what waits for another try is given up. Never throws. */
  close(): Promise<void>;
}

/** Between one try and the next; with the jitter of a quarter, six tries within about ten minutes. */
const retryDelaysMs: readonly number[] = [5_000, 15_000, 45_000, 135_000, 405_000];
const longestDelayMs = 405_000;
const tryTimeoutMs = 15_000;
const connectTimeoutMs = 10_000;
const closeTimeoutMs = 5_000;
const atOnce = 4;

interface Delivery {
  readonly notification: Notification;
  readonly body: string;
  /** In which they were taken. */
  readonly order: number;
  tries: number;
  /** There while it waits for its next try. */
  cancelRetry?: (() => void) | undefined;
}

/**
 * Posts notifications to one address, signed as Standard Webhooks says and tried again with back-off. Receivers may get
 * one twice, and later ones first: they go by `webhook-id` and `createdAt`.
 * @throws WebhookUrlError, WebhookSecretError
 */
export function createWebhookNotifier(parts: WebhookParts): WebhookNotifier {
  return new Webhook(parts, checkWebhookUrl(parts.url, parts), createWebhookSigner(parts.secret));
}

class Webhook implements WebhookNotifier {
  readonly #parts: WebhookParts;
  readonly #connections: HttpConnections;
  readonly #path: string;
  readonly #sign: SignWebhook;
  readonly #maxWaiting: number;
  /** What is due and what waits for its next try. */
  readonly #waiting = new Set<Delivery>();
  readonly #sending = new Map<Delivery, AbortController>();
  #untilDrained: PromiseWithResolvers<void> | undefined;
  #taken = 0;
  #dropped = 0;
  #isClosed = false;

  constructor(parts: WebhookParts, url: URL, sign: SignWebhook) {
    this.#parts = parts;
    this.#connections = parts.transport.open(url.origin, { connectTimeoutMs });
    this.#path = url.pathname + url.search;
    this.#sign = sign;
    this.#maxWaiting = parts.maxWaiting ?? 1_000;
  }

  notify(notification: Notification): void {
    if (this.#isClosed) return;
    const { type, id, createdAt, summary, data } = notification;
    const body = JSON.stringify({ type, id, createdAt, summary, data });
    this.#waiting.add({ notification, body, order: this.#taken, tries: 0 });
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
    await this.#connections.close();
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

  #send(delivery: Delivery): void {
    const controller = new AbortController();
    this.#waiting.delete(delivery);
    this.#sending.set(delivery, controller);
    delivery.tries += 1;
    const cancelTimeout = this.#parts.clock.schedule(tryTimeoutMs, () => controller.abort());
    void this.#post(delivery, controller.signal)
      .catch((error: unknown): Failure => ({ reason: reasonOf(error) }))
      .then((failure) => {
        cancelTimeout();
        this.#sending.delete(delivery);
        if (failure !== undefined) this.#retry(delivery, failure);
        this.#advance();
      });
  }

  /** @returns what was wrong with the answer; undefined when it was taken */
  async #post({ notification: { id }, body }: Delivery, signal: AbortSignal): Promise<Failure | undefined> {
    const { clock } = this.#parts;
    // Of this try: receivers refuse what is old, as it may be somebody's replay.
    const timestamp = Math.floor(clock.now() / 1_000);
    const response = await this.#connections.request({
      method: 'POST',
      path: this.#path,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'scarmonit',
        'webhook-id': id,
        'webhook-timestamp': `${timestamp}`,
        'webhook-signature': this.#sign(id, timestamp, body),
      },
      body,
      signal,
      firstByteTimeoutMs: tryTimeoutMs,
      idleTimeoutMs: tryTimeoutMs,
    });
    response.body.discard();
    const { status, headers } = response;
    if (status >= 200 && status < 300) return undefined;
    return {
      reason: `answered ${status}`,
      isFinal: status === 410,
      retryAfterMs: readRetryAfter(headers, clock.now()),
    };
  }

  #retry(delivery: Delivery, { reason, isFinal = false, retryAfterMs = 0 }: Failure): void {
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

  #giveUp(delivery: Delivery, reason: string): void {
    delivery.cancelRetry?.();
    this.#waiting.delete(delivery);
    this.#report(delivery, reason, undefined);
    this.#tellDrained();
  }

  #report({ notification: { id, type }, tries }: Delivery, reason: string, nextTryMs: number | undefined): void {
    this.#parts.onProblem({ id, type, reason, tries, nextTryMs, dropped: this.#dropped });
  }
}

interface Failure {
  readonly reason: string;
  /** The receiver wants no more of it. */
  readonly isFinal?: boolean;
  readonly retryAfterMs?: number | undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'could not be sent';
}
