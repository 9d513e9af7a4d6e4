import { advanceAlert, beginAlert } from '../alerts/advance-alert.ts';
import type { Alert, AlertMessage, AlertReading } from '../alerts/alert.ts';
import { type Objective, readObjective } from '../alerts/burn-rates.ts';
import { deliverMessage } from '../alerts/deliver-message.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { minuteMs } from '../metrics/windows.ts';
import type { AlertRepository } from '../ports/alert-repository.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Delivery, NotificationChannel } from '../ports/notifier.ts';
import type { ReceiptDraft } from '../receipts/receipt.ts';
import { type AppendPorts, appendReceipts } from './append-receipts.ts';

export interface AlertTestPorts extends AppendPorts {
  readonly alerts: AlertRepository;
  readonly channels: readonly NotificationChannel[];
  readonly deployments: Pick<Deployments, 'list'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
}

/** What became of a planted alert. */
export interface AlertTestReport {
  readonly alert: Alert;
  /** Whether there is a channel, and every one took it. */
  readonly passed: boolean;
  readonly deliveries: readonly (Delivery & { readonly elapsedMs: number })[];
  readonly receipts: readonly { readonly sequence: number; readonly model: string; readonly version: string }[];
}

/** A goal that nobody has set, of a model that nobody serves. */
const planted: Objective = {
  kind: 'error-rate',
  model: 'planted',
  budget: 0.001,
  limitMs: 0,
  countsFailures: true,
};
const plantedRequests = 1_000;
const plantedErrors = 50;
/** Nobody else tries the message meanwhile. */
const claimedMs = 5 * minuteMs;

/**
 * Plants 5 % errors under a goal of 0.1 %, lets the rules judge them, sends what they say through every channel, and ends
 * it: the alert passes the same rules, store and channels as any other.
 */
export async function runAlertTest(by: string, ports: AlertTestPorts): Promise<AlertTestReport> {
  const { alerts, channels, clock, ids, projectId } = ports;
  const id = ids.next();
  const now = clock.now();
  const begun = beginAlert(readPlanted(id, plantedErrors), id, now);
  if (begun?.state !== 'firing') throw new Error('The planted errors do not fire.');
  const message: AlertMessage = { type: 'alert.test', createdAt: now, tries: 1, nextTryAt: now + claimedMs };
  await alerts.save(projectId, { ...begun, message });
  const outcomes = await deliverMessage(begun, message, channels, clock);
  const deliveries = outcomes.map(({ elapsedMs: _, ...delivery }): Delivery => delivery);
  const alert = endPlanted({ ...begun, deliveries }, readPlanted(id, 0), clock.now());
  await alerts.save(projectId, alert);
  const passed = deliveries.length > 0 && deliveries.every(({ delivered }) => delivered);
  const links = await appendReceipts(draftReceipts({ passed, deliveries, alertId: id, by }, ports), ports);
  return {
    alert,
    passed,
    deliveries: outcomes,
    receipts: links.map(({ sequence, model, version }) => ({ sequence, model, version })),
  };
}

function readPlanted(id: string, bad: number): AlertReading {
  const [reading] = readObjective(planted, () => ({ judged: plantedRequests, bad }), 0);
  if (reading === undefined) throw new Error('The planted goal has no rule.');
  const { model: _, ...rule } = reading.rule;
  return {
    ...reading,
    rule: { ...rule, id: `test/${id}`, kind: 'test', title: 'Test of the alerts', clearMs: 0 },
    advice: 'Nothing is wrong: somebody planted this alert to see whether alerts arrive.',
  };
}

/** There is nothing more to tell of it. */
function endPlanted(alert: Alert, reading: AlertReading, now: number): Alert {
  const step = advanceAlert(alert, reading, now);
  if (step.kind !== 'write') throw new Error('The planted alert does not end.');
  const { message: _, ...ended } = step.alert;
  return { ...ended, toldAt: now };
}

/** The evidence is each model's: all of them are told by the same channels. */
function draftReceipts(
  body: Readonly<Record<string, unknown>>,
  { deployments, hash }: AlertTestPorts,
): readonly ReceiptDraft[] {
  return deployments.list().flatMap(({ spec, traffic, versions }) => {
    const stable = versions.get(traffic.stable);
    if (stable === undefined) return [];
    const versionDigest = identifyVersion(stable.spec, hash);
    return [{ kind: 'alert-test' as const, model: spec.name, version: traffic.stable, versionDigest, body }];
  });
}
