import type { NotificationChannel } from '@scarmonit/core/ports/notifier';
import { openReceiver, type ReceiverParts } from './open-receiver.ts';
import { createWebhookSigner } from './sign-webhook.ts';

export interface WebhookParts extends ReceiverParts {
  readonly secret: string;
}

/**
 * Posts notifications to one address, signed as Standard Webhooks says.
 * @throws WebhookUrlError, WebhookSecretError
 */
export function createWebhookChannel(parts: WebhookParts): NotificationChannel {
  const sign = createWebhookSigner(parts.secret);
  const receiver = openReceiver(parts);
  return {
    kind: 'webhook',
    target: receiver.host,
    isForPeople: false,
    close: receiver.close,
    async deliver({ type, id, createdAt, summary, data }, signal) {
      const body = JSON.stringify({ type, id, createdAt, summary, data });
      // Of this try: receivers refuse what is old, as it may be somebody's replay.
      const timestamp = Math.floor(parts.clock.now() / 1_000);
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': `${timestamp}`,
        'webhook-signature': sign(id, timestamp, body),
      };
      await receiver.post(headers, body, signal);
    },
  };
}
