import type { Clock } from '@scarmonit/core/ports/clock';
import type { NotificationChannel } from '@scarmonit/core/ports/notifier';
import { type ClosableNotifier, createNotifier } from '@scarmonit/core/services/notify-channels';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';

/** The ways by which notifications leave, and what delivers through them with retries. */
export interface Notifications {
  readonly channels: readonly NotificationChannel[];
  readonly notifier: ClosableNotifier;
}

type ChannelConfig = Pick<HostConfig, 'webhook' | 'slack' | 'email'>;

/**
 * Opens the channels that are configured; without one nothing is told.
 * @throws Error whose message says what to change, when an address or a secret cannot be used
 */
export async function openNotifications(config: ChannelConfig, clock: Clock, logger: Logger): Promise<Notifications> {
  const channels = (await Promise.all([openPosting(config, clock), openEmail(config)])).flat();
  const notifier = createNotifier({
    channels,
    clock,
    random: Math.random,
    onProblem: (problem) => logger.warn(problem, 'a notification could not be delivered'),
  });
  return { channels, notifier };
}

/** Imported only where they are used: a start without channels pays for none. */
async function openPosting({ webhook, slack }: ChannelConfig, clock: Clock): Promise<readonly NotificationChannel[]> {
  if (webhook === undefined && slack === undefined) return [];
  const [{ createWebhookChannel }, { createSlackChannel }, { createGuardedLookup }, { createUndiciTransport }] =
    await Promise.all([
      import('@scarmonit/adapters/webhook/webhook-channel'),
      import('@scarmonit/adapters/webhook/slack-channel'),
      import('@scarmonit/adapters/webhook/guarded-lookup'),
      import('@scarmonit/adapters/undici/create-undici-transport'),
    ]);
  const transportOf = (rules: { readonly allowPrivate: boolean }) =>
    createUndiciTransport({ lookup: createGuardedLookup(rules) });
  return [
    ...(webhook === undefined ? [] : [createWebhookChannel({ ...webhook, transport: transportOf(webhook), clock })]),
    ...(slack === undefined ? [] : [createSlackChannel({ ...slack, transport: transportOf(slack), clock })]),
  ];
}

async function openEmail({ email }: ChannelConfig): Promise<readonly NotificationChannel[]> {
  if (email === undefined) return [];
  const { createEmailChannel } = await import('@scarmonit/adapters/smtp/email-channel');
  return [createEmailChannel(email)];
}
