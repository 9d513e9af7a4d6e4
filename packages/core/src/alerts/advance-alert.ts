import { minuteMs } from '../metrics/windows.ts';
import type { Alert, AlertMessage, AlertMessageType, AlertReading } from './alert.ts';

/** Figures of an alert that stands are written down so often, or with its next change. */
const refreshEveryMs = minuteMs;

/** What becomes of an alert. */
export type AlertStep =
  /** The next revision is to be written. */
  | { readonly kind: 'write'; readonly alert: Alert }
  /** It was pending and never became an alert. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'keep' };

/**
 * The alert that begins with a reading.
 * @param now milliseconds since the Unix epoch, as below
 * @returns undefined when there is nothing wrong
 */
export function beginAlert(reading: AlertReading, id: string, now: number): Alert | undefined {
  if (!reading.isTrue) return undefined;
  const { rule } = reading;
  const pending: Alert = {
    id,
    ruleId: rule.id,
    kind: rule.kind,
    severity: rule.severity,
    ...(rule.model === undefined ? {} : { model: rule.model }),
    ...(rule.version === undefined ? {} : { version: rule.version }),
    ...(rule.keyId === undefined ? {} : { keyId: rule.keyId }),
    state: 'pending',
    title: rule.title,
    ...wordsOf(reading),
    since: now,
    updatedAt: now,
    deliveries: [],
    revision: 1,
  };
  return holdOf(reading) === 0 ? fire(pending, now) : pending;
}

/**
 * `pending` fires when it was true for long enough, and is forgotten when it was not; what fires is over when it was
 * untrue for long enough.
 * @param alert pending or firing
 */
export function advanceAlert(alert: Alert, reading: AlertReading, now: number): AlertStep {
  if (!reading.isTrue) {
    if (alert.state === 'pending') return { kind: 'forget' };
    const clearSince = alert.clearSince ?? now;
    if (now - clearSince >= reading.rule.clearMs) return write(resolveAlert({ ...alert, ...wordsOf(reading) }, now));
    return alert.clearSince === undefined ? write({ ...next(alert, now), clearSince }) : { kind: 'keep' };
  }
  const { clearSince, ...burning } = alert;
  const current = { ...burning, ...wordsOf(reading) };
  if (alert.state === 'pending' && now - alert.since >= holdOf(reading)) return write(fire(next(current, now), now));
  if (isReminderDue(alert, reading, now)) {
    return write({ ...next(current, now), message: messageOf('alert.reminder', now) });
  }
  const isStale = now - alert.updatedAt >= refreshEveryMs || clearSince !== undefined;
  return isStale ? write(next(current, now)) : { kind: 'keep' };
}

/** Ends one that fires. Nobody hears of the end of what nobody was told of. */
export function resolveAlert(alert: Alert, now: number): Alert {
  const { message: _, clearSince: __, ...rest } = next(alert, now);
  return {
    ...rest,
    state: 'resolved',
    resolvedAt: now,
    ...(wasTold(alert) ? { message: messageOf('alert.resolved', now) } : {}),
  };
}

/** One channel is enough; the others may be down. */
function wasTold({ toldAt, deliveries }: Alert): boolean {
  return toldAt !== undefined || deliveries.some(({ delivered }) => delivered);
}

function fire(alert: Alert, now: number): Alert {
  return { ...alert, state: 'firing', firedAt: now, message: messageOf('alert.firing', now) };
}

function next(alert: Alert, now: number): Alert {
  return { ...alert, updatedAt: now, revision: alert.revision + 1 };
}

function write(alert: Alert): AlertStep {
  return { kind: 'write', alert };
}

function messageOf(type: AlertMessageType, now: number): AlertMessage {
  return { type, createdAt: now, tries: 0, nextTryAt: now };
}

function isReminderDue({ state, message, toldAt }: Alert, { rule }: AlertReading, now: number): boolean {
  return state === 'firing' && message === undefined && toldAt !== undefined && now - toldAt >= rule.remindEveryMs;
}

function holdOf({ rule, holdMs }: AlertReading): number {
  return holdMs ?? rule.holdMs;
}

function wordsOf({ summary, advice, figures }: AlertReading): Pick<Alert, 'summary' | 'advice' | 'figures'> {
  return { summary, advice, figures };
}
