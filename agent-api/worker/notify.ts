import { createFetchTransport } from '@scarmonit/adapters/fetch/create-fetch-transport';
import { createSlackChannel } from '@scarmonit/adapters/webhook/slack-channel';
import { createWebhookChannel } from '@scarmonit/adapters/webhook/webhook-channel';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Notification, NotificationChannel, Notifier } from '@scarmonit/core/ports/notifier';
import { createNotifier } from '@scarmonit/core/services/notify-channels';
import type { WorkerConfig } from './config.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

/** The channels that are configured. Mail is sent on Node alone: workers open no sockets for it here. */
export function openChannels(
  { webhook, slack }: Pick<WorkerConfig, 'webhook' | 'slack'>,
  clock: Clock,
): readonly NotificationChannel[] {
  const transport = createFetchTransport();
  return [
    ...(webhook === undefined ? [] : [createWebhookChannel({ ...webhook, transport, clock })]),
    ...(slack === undefined ? [] : [createSlackChannel({ ...slack, transport, clock })]),
  ];
}

/** Delivers through every channel, with tries over ten minutes. */
export function createDeliveringNotifier(channels: readonly NotificationChannel[], clock: Clock): Notifier {
  return createNotifier({
    channels,
    clock,
    random: Math.random,
    onProblem: (problem) => log('warn', 'a notification could not be delivered', { ...problem }),
  });
}

/** The object that delivers what concerns no model, such as an anomaly of a key. No model can have this name. */
export const noModel = '/no-model';

/** The name of the object that delivers a notification: the one of its model. */
export function nameDeliverer({ data: { model } }: Pick<Notification, 'data'>): string {
  return typeof model === 'string' ? model : noModel;
}

/** Hands notifications to the objects that deliver them: a request ends before its last try would. */
export function createHandingNotifier(
  { DEPLOYMENT_COORDINATOR: namespace }: Pick<Env, 'DEPLOYMENT_COORDINATOR'>,
  waitUntil: (work: Promise<unknown>) => void,
): Notifier {
  const hand = async (notification: Notification): Promise<void> => {
    try {
      await namespace.get(namespace.idFromName(nameDeliverer(notification))).deliver(notification);
    } catch (error) {
      log('warn', 'a notification could not be delivered', { id: notification.id, type: notification.type, error });
    }
  };
  return { drained: async () => undefined, notify: (notification) => waitUntil(hand(notification)) };
}

/** Whether notifications are on their way or wait for another try. */
export function isStillDelivering(notifier: Notifier, clock: Pick<Clock, 'schedule'>): Promise<boolean> {
  return new Promise((resolve) => {
    void notifier.drained().then(() => resolve(false));
    clock.schedule(0, () => resolve(true));
  });
}
