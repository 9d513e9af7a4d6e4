import type { AlertDeliveryView, AlertView, SilenceView } from '@scarmonit/protocol/admin/alert';
import type { Tone } from '../../parts/status.tsx';

/** How an alert looks: what must be acted on now is bad, what can wait some days a warning, what is over neutral. */
export function toneOfAlert({ state, severity }: Pick<AlertView, 'state' | 'severity'>): Tone {
  if (state === 'resolved') return 'neutral';
  if (state === 'pending') return 'warn';
  return severity === 'page' ? 'bad' : 'warn';
}

/** What an alert demands, in a few words. */
export function nameSeverity(severity: AlertView['severity']): string {
  return severity === 'page' ? 'act now' : 'act in the next days';
}

const channelNames: Readonly<Record<AlertDeliveryView['channel'], string>> = {
  webhook: 'webhook',
  slack: 'Slack',
  email: 'e-mail',
};

export function nameChannel({ channel, target }: Pick<AlertDeliveryView, 'channel' | 'target'>): string {
  return `${channelNames[channel]} ${target}`;
}

/** Who has been told, or why nobody has. @param hasChannels whether there is anybody to tell */
export function describeDeliveries(alert: AlertView, hasChannels: boolean): string {
  if (alert.silencedBy !== null) return 'Silenced: it is shown here and told to nobody.';
  if (!hasChannels) return 'Told to nobody: no channel is configured.';
  if (alert.deliveries.length === 0) return 'Not told yet.';
  return alert.deliveries
    .map((delivery) =>
      delivery.delivered
        ? `Told by ${nameChannel(delivery)}.`
        : `Not delivered by ${nameChannel(delivery)}: ${delivery.problem ?? 'nobody knows why'}`,
    )
    .join(' ');
}

/** What a silence keeps quiet. */
export function describeSilence({ rule, model, kind }: Pick<SilenceView, 'rule' | 'model' | 'kind'>): string {
  const parts = [rule, kind === null ? null : `every ${kind}`, model === null ? null : `of ${model}`];
  if (rule === null && kind === null) return `everything of ${model}`;
  return parts.filter((part) => part !== null).join(' ');
}
