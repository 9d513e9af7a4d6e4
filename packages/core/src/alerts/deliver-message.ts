import type { Clock } from '../ports/clock.ts';
import { type Delivery, DeliveryError, type Notification, type NotificationChannel } from '../ports/notifier.ts';
import type { Alert, AlertMessage } from './alert.ts';

/** Between one try and the next; six tries within about ten minutes. */
const retryDelaysMs: readonly number[] = [5_000, 15_000, 45_000, 135_000, 405_000];
const tryTimeoutMs = 15_000;

/**
 * The next try of a message. Whoever writes it delivers; a process that dies meanwhile leaves the message due at the
 * following try, so that it arrives at least once.
 */
export function claimTry(message: AlertMessage, now: number): AlertMessage {
  const delayMs = Math.max(2 * tryTimeoutMs, retryDelaysMs[message.tries] ?? 0);
  return { ...message, tries: message.tries + 1, nextTryAt: now + delayMs };
}

/** The revision that says what became of a try. What no channel is left for, or tries remain for, is told. */
export function settleTry(alert: Alert, deliveries: readonly Delivery[], now: number): Alert {
  const { message, ...rest } = { ...alert, revision: alert.revision + 1, deliveries };
  const delayMs = message === undefined ? undefined : retryDelaysMs[message.tries - 1];
  if (message === undefined || delayMs === undefined || deliveries.every(isSettled)) {
    return { ...rest, toldAt: now };
  }
  return { ...rest, message: { ...message, nextTryAt: now + delayMs } };
}

/** Asks each channel that has not taken the message yet. Never rejects. */
export async function deliverMessage(
  alert: Alert,
  message: AlertMessage,
  channels: readonly NotificationChannel[],
  clock: Pick<Clock, 'schedule' | 'monotonicMs'>,
): Promise<readonly (Delivery & { readonly elapsedMs: number })[]> {
  const notification = toNotification(alert, message);
  const before = message.tries > 1 ? alert.deliveries : [];
  return Promise.all(
    channels.map(async (channel) => {
      const { kind, target } = channel;
      const earlier = before.find((one) => isSettled(one) && one.channel === kind && one.target === target);
      if (earlier !== undefined) return { ...earlier, elapsedMs: 0 };
      const startedMs = clock.monotonicMs();
      const outcome = await deliverWithin(channel, notification, clock);
      return { channel: kind, target, ...outcome, elapsedMs: clock.monotonicMs() - startedMs };
    }),
  );
}

function isSettled({ delivered, isFinal }: Delivery): boolean {
  return delivered || isFinal === true;
}

type Outcome = Omit<Delivery, 'channel' | 'target'>;

async function deliverWithin(
  channel: NotificationChannel,
  notification: Notification,
  clock: Pick<Clock, 'schedule'>,
): Promise<Outcome> {
  const controller = new AbortController();
  const timeout = Promise.withResolvers<Outcome>();
  const cancelTimeout = clock.schedule(tryTimeoutMs, () => {
    controller.abort();
    timeout.resolve({ delivered: false, problem: `did not take it within ${tryTimeoutMs / 1_000} seconds` });
  });
  const attempt = channel.deliver(notification, controller.signal).then(
    (): Outcome => ({ delivered: true }),
    (error: unknown): Outcome => ({
      delivered: false,
      problem: error instanceof Error ? error.message : 'could not be sent',
      ...(error instanceof DeliveryError && error.isFinal ? { isFinal: true } : {}),
    }),
  );
  const outcome = await Promise.race([attempt, timeout.promise]);
  cancelTimeout();
  return outcome;
}

const stateWords = {
  'alert.firing': '',
  'alert.reminder': 'Still firing: ',
  'alert.resolved': 'Resolved: ',
  'alert.test': '',
} as const;

/** The same id for each try, so that receivers drop what they have seen. */
function toNotification(alert: Alert, { type, createdAt }: AlertMessage): Notification {
  const { id, ruleId, kind, severity, state, title, summary, advice, figures, since } = alert;
  const doNow = state === 'firing' && advice !== '' ? ` ${advice}` : '';
  return {
    id: `${id}-${type.slice('alert.'.length)}-${createdAt.toString(36)}`,
    type,
    summary: `${stateWords[type]}${title}. ${summary}${doNow}`,
    data: {
      alertId: id,
      rule: ruleId,
      kind,
      severity,
      state,
      model: alert.model ?? null,
      version: alert.version ?? null,
      keyId: alert.keyId ?? null,
      title,
      summary,
      advice,
      figures,
      since,
      firedAt: alert.firedAt ?? null,
      resolvedAt: alert.resolvedAt ?? null,
    },
    createdAt,
  };
}
