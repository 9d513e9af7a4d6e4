import type { Clock } from '@scarmonit/core/ports/clock';
import type { HttpTransport } from '@scarmonit/core/ports/http-transport';
import { DeliveryError } from '@scarmonit/core/ports/notifier';
import { readRetryAfter } from '@scarmonit/core/upstream/read-retry-after';
import { checkWebhookUrl } from './check-webhook-url.ts';

export interface ReceiverParts {
  readonly url: string;
  /** See `AddressRules`. On Node the transport must resolve names by `createGuardedLookup` with the same rule. */
  readonly allowPrivate: boolean;
  readonly transport: HttpTransport;
  readonly clock: Pick<Clock, 'now'>;
}

/** An address that JSON is posted to. */
export interface Receiver {
  /** Its host. */
  readonly host: string;
  /** @throws DeliveryError when it answers anything but success, and what the transport throws */
  post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const answerTimeoutMs = 15_000;

/** @throws WebhookUrlError */
export function openReceiver({ url: text, allowPrivate, transport, clock }: ReceiverParts): Receiver {
  const url = checkWebhookUrl(text, { allowPrivate });
  const path = url.pathname + url.search;
  const connections = transport.open(url.origin, { connectTimeoutMs });
  return {
    host: url.host,
    close: () => connections.close(),
    async post(headers, body, signal) {
      const response = await connections.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', 'user-agent': 'scarmonit', ...headers },
        body,
        signal,
        firstByteTimeoutMs: answerTimeoutMs,
        idleTimeoutMs: answerTimeoutMs,
      });
      response.body.discard();
      const { status } = response;
      if (status >= 200 && status < 300) return;
      throw new DeliveryError(`answered ${status}`, {
        isFinal: status === 410,
        retryAfterMs: readRetryAfter(response.headers, clock.now()) ?? 0,
      });
    },
  };
}
