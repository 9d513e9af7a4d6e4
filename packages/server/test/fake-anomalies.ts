import { unknownDrift, watchDay } from '@scarmonit/core/drift/drift-watch';
import type { Anomaly } from '@scarmonit/core/ports/anomaly-repository';
import type { KnownDrift } from '@scarmonit/core/ports/drift-repository';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { setDriftReference } from '@scarmonit/core/services/set-drift-reference';

const since = 1_790_000_100_000;
const dayMs = 86_400_000;

const anomalies: readonly Anomaly[] = [
  {
    id: 'an_2',
    kind: 'key',
    subject: 'key-infer',
    label: 'sk-inf',
    measure: 'requests',
    direction: 'above',
    value: 1_230,
    usual: 30,
    isPeak: false,
    since,
  },
  {
    id: 'an_1',
    kind: 'model',
    subject: 'chat-model',
    label: 'chat-model',
    measure: 'errors',
    direction: 'above',
    value: 0.25,
    usual: 0,
    isPeak: false,
    since: since - 600_000,
    until: since,
  },
];

/** Fourteen days of a reference, and one that is unlike them. */
function createKnown(): readonly KnownDrift[] {
  let state = unknownDrift;
  for (let day = 0; day < 14; day += 1) state = watchDay(state, day * dayMs, { good: 150, bad: 150 });
  const name = { model: 'label-model', version: '1.0.0' };
  return [
    { ...name, feature: 'label', state: watchDay(state, 14 * dayMs, { good: 30, bad: 270 }), lastDay: 14 * dayMs },
    { ...name, feature: 'script', state: watchDay(unknownDrift, 0, { latin: 7 }), lastDay: 0 },
  ];
}

/** Two anomalies, one of which goes on; a distribution with a reference and one without. */
export function createFakeAnomalies(): Pick<AgentServices, 'anomalies' | 'drift'> {
  let known = createKnown();
  return {
    anomalies: {
      list: async (_projectId, { limit, isOpen, kind, subject, before }) =>
        anomalies
          .filter(({ id }) => before === undefined || id < before)
          .filter(({ until }) => isOpen === undefined || isOpen === (until === undefined))
          .filter((one) => (kind ?? one.kind) === one.kind && (subject ?? one.subject) === one.subject)
          .slice(0, limit),
      countOpen: async () => 1,
    },
    drift: {
      setReference: (projectId, wanted) => {
        const list = async () => known;
        const save = async (_projectId: string, saved: readonly KnownDrift[]) => {
          known = saved;
        };
        return setDriftReference({ repository: { list, save }, clock: { now: () => since } }, projectId, wanted);
      },
      list: async (_projectId, model) => known.filter((one) => (model ?? one.model) === one.model),
      forget: async (_projectId, model) => {
        const kept = known.filter((one) => one.model !== model);
        const forgotten = known.length - kept.length;
        known = kept;
        return forgotten;
      },
    },
  };
}
