import type { Alert, AlertRule, AlertSilence } from '../alerts/alert.ts';
import { findSilence } from '../alerts/silence.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { dayMs, minuteMs } from '../metrics/windows.ts';
import type { NotificationChannel } from '../ports/notifier.ts';
import { type AlertTestPorts, type AlertTestReport, runAlertTest } from './test-alerts.ts';
import type { AlertRoundPorts } from './watch-alerts.ts';

export type AlertServicePorts = Pick<AlertRoundPorts, 'sources' | 'alerts'> & AlertTestPorts;

/** An alert as people see it. */
export interface ShownAlert extends Alert {
  /** Of the silence that it falls under now. */
  readonly silencedBy?: string;
}

export interface AlertReport {
  /** Pages first, then the newest. */
  readonly firing: readonly ShownAlert[];
  readonly pending: readonly ShownAlert[];
  /** Newest first. */
  readonly resolved: readonly ShownAlert[];
  readonly silences: readonly AlertSilence[];
  readonly rules: readonly AlertRule[];
  readonly channels: readonly Pick<NotificationChannel, 'kind' | 'target'>[];
  /** When the rules were last looked at. */
  readonly evaluatedAt?: number;
}

/** At least one of the first three is there. */
export interface WantedSilence extends Pick<AlertSilence, 'ruleId' | 'model' | 'kind' | 'reason'> {
  readonly minutes: number;
}

/** What fires, for the people who look and decide. Alike whichever process or isolate is asked. */
export interface AlertService {
  report(): Promise<AlertReport>;
  /** @param by prefix of the key that asks */
  silence(wanted: WantedSilence, by: string): Promise<AlertSilence>;
  /** @throws ScarmonitError `not_found` */
  endSilence(id: string): Promise<void>;
  /**
   * Plants an alert, sends it through every channel, once, and leaves a receipt of what became of it for each model.
   * @param by prefix of the key that asks
   * @throws ScarmonitError `conflict` when the receipts found no place in the chain
   */
  test(by: string): Promise<AlertTestReport>;
}

/** What was resolved before is no news. */
const recentMs = 7 * dayMs;
const mostResolved = 100;

export function createAlertService(ports: AlertServicePorts): AlertService {
  const { alerts, sources, channels, clock, ids, projectId } = ports;
  return {
    report: async () => {
      const now = clock.now();
      const [active, resolved, silences, evaluatedAt, ...rules] = await Promise.all([
        alerts.listActive(projectId),
        alerts.listResolved(projectId, { since: now - recentMs, limit: mostResolved }),
        alerts.listSilences(projectId, now),
        alerts.lastEvaluated(projectId),
        ...sources.map((source) => source.rules()),
      ]);
      const show = (alert: Alert): ShownAlert => {
        const silence = findSilence(alert, silences, now);
        return silence === undefined ? alert : { ...alert, silencedBy: silence.id };
      };
      const inState = (state: Alert['state']): readonly ShownAlert[] =>
        active.filter((alert) => alert.state === state).map(show);
      return {
        firing: [...inState('firing')].sort(byUrgency),
        pending: inState('pending'),
        resolved,
        silences,
        rules: rules.flat(),
        channels,
        ...(evaluatedAt === undefined ? {} : { evaluatedAt }),
      };
    },

    silence: async ({ minutes, ...wanted }, by) => {
      const now = clock.now();
      const silence = {
        ...wanted,
        id: ids.next(),
        createdBy: by,
        createdAt: now,
        until: now + minutes * minuteMs,
      };
      await alerts.insertSilence(projectId, silence);
      return silence;
    },

    endSilence: async (id) => {
      if (await alerts.endSilence(projectId, id, clock.now())) return;
      throw new ScarmonitError('not_found', `There is no silence '${id.slice(0, 64)}' in force.`, {
        code: 'silence_not_found',
        param: 'id',
      });
    },

    test: (by) => runAlertTest(by, ports),
  };
}

function byUrgency(a: Alert, b: Alert): number {
  if (a.severity !== b.severity) return a.severity === 'page' ? -1 : 1;
  return b.since - a.since;
}
