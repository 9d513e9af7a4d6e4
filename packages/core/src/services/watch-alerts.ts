import { advanceAlert, beginAlert, resolveAlert } from '../alerts/advance-alert.ts';
import type { Alert, AlertReading } from '../alerts/alert.ts';
import type { AlertSource } from '../alerts/alert-source.ts';
import { claimTry, deliverMessage, settleTry } from '../alerts/deliver-message.ts';
import { findSilence } from '../alerts/silence.ts';
import { dayMs, hourMs } from '../metrics/windows.ts';
import type { AlertRepository } from '../ports/alert-repository.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { LeaseRepository } from '../ports/lease-repository.ts';
import type { NotificationChannel } from '../ports/notifier.ts';

export interface AlertRoundPorts {
  readonly alerts: AlertRepository;
  readonly sources: readonly AlertSource[];
  readonly channels: readonly NotificationChannel[];
  readonly leases: LeaseRepository;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly projectId: string;
  /** Whether there is something to look at yet: a host that has just begun knows no models. */
  isReady(): boolean;
  /** Told of every alert that fires, is resolved or could not be delivered. Must not throw. */
  onChange(alert: Alert): void;
  /** Told of what could not be read or written; the next round tries again. Must not throw. */
  onError(error: unknown): void;
}

export interface AlertRounds {
  /** Looks at every rule and tells what is to be told, where this process holds the lease. Never rejects. */
  round(): Promise<void>;
  /** Gives the lease back. Never rejects. */
  close(): Promise<void>;
}

export interface AlertWatch {
  /** Begins no further round. Resolves when what runs has ended. */
  close(): Promise<void>;
}

const roundEveryMs = 10_000;
/** Longer than a round with channels that hang: a leader that was killed is missed for so long. */
const leaseMs = 30_000;
/** How long resolved alerts are kept. */
const keptMs = 30 * dayMs;

/** Looks at the rules every ten seconds. For hosts with timers of their own; every process may, and one does. */
export function startAlertWatch(ports: AlertRoundPorts): AlertWatch {
  const rounds = createAlertRounds(ports);
  let isClosed = false;
  let cancelTimer = (): void => undefined;
  let running: Promise<void> = Promise.resolve();

  const schedule = (): void => {
    if (isClosed) return;
    cancelTimer = ports.clock.schedule(roundEveryMs, () => {
      running = rounds.round().then(schedule);
    });
  };

  schedule();
  return {
    close: async () => {
      isClosed = true;
      cancelTimer();
      await running;
      await rounds.close();
    },
  };
}

/**
 * The rounds of one process. Each revision of an alert is written by one process alone, whoever believes to hold the
 * lease, and whoever wrote that a message is being tried delivers it: so it is told once, and again only after a crash.
 */
export function createAlertRounds(ports: AlertRoundPorts): AlertRounds {
  const { alerts, leases, clock, ids, projectId, onError } = ports;
  const lease = `alerts/${projectId}`;
  const holder = ids.next();
  let expiredAt = Number.NEGATIVE_INFINITY;

  const round = async (): Promise<void> => {
    const now = clock.now();
    if (!ports.isReady() || !(await leases.hold(lease, holder, now, now + leaseMs))) return;
    const { readings, isComplete } = await readSources(ports, now);
    const active = await alerts.listActive(projectId);
    const writes = judge(active, readings, isComplete, ids, now);
    await Promise.all(writes.map((write) => write(ports)));
    await alerts.markEvaluated(projectId, now);
    if (writes.length + active.length > 0) await deliverDue(ports);
    if (now - expiredAt >= hourMs) {
      expiredAt = now;
      await alerts.expire(projectId, now - keptMs);
    }
  };

  return {
    round: () => round().catch(onError),
    close: () => leases.release(lease, holder).catch(onError),
  };
}

/** A source that cannot be read must not keep the others' alerts back. */
async function readSources(
  { sources, onError }: AlertRoundPorts,
  now: number,
): Promise<{ readonly readings: ReadonlyMap<string, AlertReading>; readonly isComplete: boolean }> {
  const results = await Promise.allSettled(sources.map((source) => source.read(now)));
  const readings = new Map<string, AlertReading>();
  for (const result of results) {
    if (result.status === 'rejected') onError(result.reason);
    else for (const reading of result.value) readings.set(reading.rule.id, reading);
  }
  return { readings, isComplete: results.every(({ status }) => status === 'fulfilled') };
}

type Write = (ports: AlertRoundPorts) => Promise<void>;

/** What the readings make of the alerts that there are, and which ones begin. */
function judge(
  active: readonly Alert[],
  readings: ReadonlyMap<string, AlertReading>,
  isComplete: boolean,
  ids: Pick<Ids, 'next'>,
  now: number,
): readonly Write[] {
  const open = active.filter(({ state }) => state !== 'resolved');
  const known = new Set(open.map(({ ruleId }) => ruleId));
  const begun = [...readings.values()]
    .filter(({ rule, isTrue }) => isTrue && !known.has(rule.id))
    .flatMap((reading) => beginAlert(reading, ids.next(), now) ?? [])
    .map((alert) => saving(alert));
  const advanced = open.flatMap((alert): readonly Write[] => {
    const reading = readings.get(alert.ruleId);
    if (reading === undefined) return isComplete ? endUnwatched(alert, now) : [];
    const step = advanceAlert(alert, reading, now);
    if (step.kind === 'forget') return [forgetting(alert)];
    return step.kind === 'write' ? [saving(step.alert, alert)] : [];
  });
  return [...begun, ...advanced];
}

/** A planted alert that is that old was left behind by a process that ended. */
const longestTestMs = 5 * 60_000;

/** Its model, key or goal is gone. */
function endUnwatched(alert: Alert, now: number): readonly Write[] {
  if (alert.kind === 'test' && now - alert.since < longestTestMs) return [];
  if (alert.state === 'pending') return [forgetting(alert)];
  return [
    saving(resolveAlert({ ...alert, summary: 'It is not watched any more.', advice: '', figures: [] }, now), alert),
  ];
}

function saving(alert: Alert, before?: Alert): Write {
  return async ({ alerts, projectId, onChange }) => {
    const isWritten = await alerts.save(projectId, alert);
    if (isWritten && alert.state !== 'pending' && alert.state !== before?.state) onChange(alert);
  };
}

function forgetting(alert: Alert): Write {
  return async ({ alerts, projectId }) => {
    await alerts.forget(projectId, alert);
  };
}

/** A firing alert that is silenced keeps its message: where it still fires when the silence ends, it is told then. */
async function deliverDue(ports: AlertRoundPorts): Promise<void> {
  const { alerts, clock, projectId } = ports;
  const now = clock.now();
  const withMessage = (await alerts.listActive(projectId)).filter(({ message }) => message !== undefined);
  if (withMessage.length === 0) return;
  const silences = await alerts.listSilences(projectId, now);
  const loud = withMessage.filter(
    (alert) => alert.state === 'resolved' || findSilence(alert, silences, now) === undefined,
  );
  await Promise.all(loud.map((alert) => deliverOne(alert, ports, now)));
}

async function deliverOne(alert: Alert, ports: AlertRoundPorts, now: number): Promise<void> {
  const { alerts, channels, clock, projectId, onChange } = ports;
  if (alert.message === undefined || alert.message.nextTryAt > now) return;
  const message = claimTry(alert.message, now);
  const claimed = { ...alert, message, revision: alert.revision + 1 };
  if (!(await alerts.save(projectId, claimed))) return;
  const outcomes = await deliverMessage(claimed, message, channels, clock);
  const deliveries = outcomes.map(({ elapsedMs: _, ...delivery }) => delivery);
  const settled = settleTry(claimed, deliveries, clock.now());
  await alerts.save(projectId, settled);
  if (deliveries.some(({ delivered }) => !delivered)) onChange(settled);
}
