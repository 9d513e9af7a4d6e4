import { createFetchTransport } from '@scarmonit/adapters/fetch/create-fetch-transport';
import { createWebhookNotifier } from '@scarmonit/adapters/webhook/webhook-notifier';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Notification, Notifier } from '@scarmonit/core/ports/notifier';
import type { WebhookConfig } from './config.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

const silent: Notifier = { notify: () => undefined, drained: async () => undefined };

/** Posts to the webhook, with tries over ten minutes; silent where none is configured. */
export function createDeliveringNotifier(webhook: WebhookConfig | undefined, clock: Clock): Notifier {
  if (webhook === undefined) return silent;
  return createWebhookNotifier({
    ...webhook,
    transport: createFetchTransport(),
    clock,
    random: Math.random,
    onProblem: (problem) => log('warn', 'a notification could not be delivered', { ...problem }),
  });
}

/** Hands notifications of a model to the object that leads its rollouts: a request ends before its last try would. */
export function createHandingNotifier(
  { DEPLOYMENT_COORDINATOR: namespace }: Pick<Env, 'DEPLOYMENT_COORDINATOR'>,
  waitUntil: (work: Promise<unknown>) => void,
): Notifier {
  const hand = async (notification: Notification): Promise<void> => {
    try {
      await namespace.get(namespace.idFromName(String(notification.data.model))).deliver(notification);
    } catch (error) {
      log('warn', 'a notification could not be delivered', { id: notification.id, type: notification.type, error });
    }
  };
  return { ...silent, notify: (notification) => waitUntil(hand(notification)) };
}

/** Whether notifications are on their way or wait for another try. */
export function isStillDelivering(notifier: Notifier, clock: Pick<Clock, 'schedule'>): Promise<boolean> {
  return new Promise((resolve) => {
    void notifier.drained().then(() => resolve(false));
    clock.schedule(0, () => resolve(true));
  });
}
