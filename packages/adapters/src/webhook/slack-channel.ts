import type { Notification, NotificationChannel } from '@scarmonit/core/ports/notifier';
import { openReceiver, type ReceiverParts } from './open-receiver.ts';

/**
 * Posts notifications to an incoming webhook in Slack's shape, which Mattermost, Rocket.Chat and Discord (`/slack`) take as
 * well. The address is a secret by itself.
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * @throws WebhookUrlError
 */
export function createSlackChannel(parts: ReceiverParts): NotificationChannel {
  const receiver = openReceiver(parts);
  return {
    kind: 'slack',
    target: receiver.host,
    isForPeople: true,
    close: receiver.close,
    deliver: (notification, signal) => receiver.post({}, JSON.stringify(toMessage(notification)), signal),
  };
}

/** Slack's words for colours: red, yellow, green. */
const colours: Readonly<Record<string, string>> = { page: 'danger', ticket: 'warning', resolved: 'good' };

/** What is not an alert is its sentence alone. */
function toMessage({ summary, data }: Notification): Readonly<Record<string, unknown>> {
  const { state, severity, advice } = data;
  const colour = colours[String(state)] ?? colours[String(severity)];
  if (colour === undefined) return { text: escapeText(summary) };
  const fields = ['severity', 'state', 'model', 'rule'].flatMap((title) =>
    typeof data[title] === 'string' ? [{ title, value: escapeText(data[title]), short: true }] : [],
  );
  const text = typeof advice === 'string' && state !== 'resolved' ? escapeText(advice) : '';
  const headline = escapeText(typeof advice === 'string' ? summary.replace(` ${advice}`, '') : summary);
  return { text: headline, attachments: [{ color: colour, text, fields }] };
}

/** The three characters that Slack's markup gives a meaning: nothing in a sentence may become a link or a mention. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
