import type { Alert, AlertSilence } from '@scarmonit/core/alerts/alert';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { AlertService } from '@scarmonit/core/services/manage-alerts';

export const firingAlert: Alert = {
  id: 'a1',
  ruleId: 'error-rate/chat-model/page',
  kind: 'error-rate',
  severity: 'page',
  state: 'firing',
  model: 'chat-model',
  title: 'chat-model: error rate',
  summary: '5 % of 1,000 requests failed in the last hour; 0.1 % are allowed.',
  advice: 'Look at them.',
  figures: [{ name: 'bad', value: 0.05, unit: 'share' }],
  since: 1,
  firedAt: 2,
  updatedAt: 3,
  deliveries: [{ channel: 'slack', target: 'hooks.example.com', delivered: false, problem: 'answered 500' }],
  revision: 2,
};

/** Alerts of which one fires, and silences in memory. */
export function createFakeAlerts(): AlertService {
  const silences = new Map<string, AlertSilence>();
  return {
    report: async () => ({
      firing: [firingAlert],
      pending: [],
      resolved: [],
      silences: [...silences.values()],
      rules: [],
      channels: [{ kind: 'slack', target: 'hooks.example.com' }],
    }),
    silence: async ({ minutes, ...wanted }, by) => {
      const silence = { ...wanted, id: `s${silences.size + 1}`, createdBy: by, createdAt: 0, until: minutes * 60_000 };
      silences.set(silence.id, silence);
      return silence;
    },
    endSilence: async (id) => {
      if (!silences.delete(id)) {
        throw new ScarmonitError('not_found', 'There is no such silence in force.', { code: 'silence_not_found' });
      }
    },
    test: async () => ({
      alert: firingAlert,
      passed: true,
      deliveries: [{ channel: 'slack', target: 'hooks.example.com', delivered: true, elapsedMs: 12 }],
      receipts: [{ sequence: 1, model: 'chat-model', version: '1.0.0' }],
    }),
  };
}
