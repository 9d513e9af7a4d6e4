import { anomalyFactor, describeAnomaly } from '../anomalies/describe-anomaly.ts';
import { describeDrift } from '../drift/describe-drift.ts';
import type { Anomaly } from '../ports/anomaly-repository.ts';
import type { KnownDrift } from '../ports/drift-repository.ts';
import type { Notification } from '../ports/notifier.ts';

/** Anomalies of keys that are told one by one; more of them at once have one reason, and are one piece of news. */
const mostToldApart = 5;

/**
 * What to tell of anomalies that began in one window.
 * @param anomalies at least one
 */
export function noteAnomalies(anomalies: readonly Anomaly[], createdAt: number): readonly Notification[] {
  const models = anomalies.filter(({ kind }) => kind === 'model');
  const keys = anomalies.filter(({ kind }) => kind === 'key');
  const apart = keys.length <= mostToldApart ? [...models, ...keys] : models;
  const told = apart.map((anomaly) => noteAnomaly(anomaly, createdAt));
  return apart.length === anomalies.length ? told : [...told, noteMany(keys, createdAt)];
}

function noteAnomaly(anomaly: Anomaly, createdAt: number): Notification {
  const { id, kind, subject, label, measure, direction, value, usual, since } = anomaly;
  const factor = anomalyFactor(anomaly) ?? null;
  const of = kind === 'model' ? { model: subject } : { keyId: subject };
  return {
    id,
    type: 'anomaly.begun',
    summary: describeAnomaly(anomaly),
    data: { anomalyId: id, kind, ...of, label, measure, direction, value, usual, factor, since },
    createdAt,
  };
}

/** @param keys more than {@link mostToldApart} */
function noteMany(keys: readonly Anomaly[], createdAt: number): Notification {
  const [first] = keys;
  const named = keys.slice(0, mostToldApart).map(({ label }) => label);
  const example = first === undefined ? '' : `; such as ${describeAnomaly(first)}`;
  return {
    id: `${first?.id ?? 'an'}_and_more`,
    type: 'anomaly.many',
    summary: `${keys.length} unusual things about keys began at once${example}`,
    data: { anomalies: keys.length, labels: named, anomalyIds: keys.slice(0, 100).map(({ id }) => id) },
    createdAt,
  };
}

/** What to tell of distributions that have drifted. */
export function noteDrift(known: readonly KnownDrift[], createdAt: number): readonly Notification[] {
  return known.map((one) => {
    const { model, version, feature, state, lastDay } = one;
    const psi = state.phase === 'collecting' ? null : (state.psi ?? null);
    return {
      id: `drift_${lastDay.toString(36)}_${model}_${version}_${feature}`,
      type: 'drift.found',
      summary: describeDrift(one),
      data: { model, version, feature, psi },
      createdAt,
    };
  });
}
