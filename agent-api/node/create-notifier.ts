import type { WebhookNotifier } from '@scarmonit/adapters/webhook/webhook-notifier';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';

const silent: WebhookNotifier = {
  notify: () => undefined,
  drained: async () => undefined,
  close: async () => undefined,
};

/**
 * Posts to the webhook that is configured; silent without one.
 * @throws Error whose message says what to change, when the address or the secret cannot be used
 */
export async function createNotifier(
  { webhook }: Pick<HostConfig, 'webhook'>,
  clock: Clock,
  logger: Logger,
): Promise<WebhookNotifier> {
  if (webhook === undefined) return silent;
  const [{ createWebhookNotifier }, { createGuardedLookup }, { createUndiciTransport }] = await Promise.all([
    import('@scarmonit/adapters/webhook/webhook-notifier'),
    import('@scarmonit/adapters/webhook/guarded-lookup'),
    import('@scarmonit/adapters/undici/create-undici-transport'),
  ]);
  return createWebhookNotifier({
    ...webhook,
    transport: createUndiciTransport({ lookup: createGuardedLookup(webhook) }),
    clock,
    random: Math.random,
    onProblem: (problem) => logger.warn(problem, 'a notification could not be delivered'),
  });
}
