import type { Alert, AlertSilence } from '../src/alerts/alert.ts';
import type { AlertRepository } from '../src/ports/alert-repository.ts';
import type { LeaseRepository } from '../src/ports/lease-repository.ts';

/** Alerts, silences and leases in memory, for several processes of a test. */
export interface FakeAlertStore {
  readonly alerts: AlertRepository;
  readonly leases: LeaseRepository;
  /** All that there are, also the resolved ones. */
  all(): readonly Alert[];
}

export function createFakeAlertStore(): FakeAlertStore {
  const alerts = new Map<string, Alert>();
  const silences = new Map<string, AlertSilence>();
  const leases = new Map<string, { readonly holder: string; readonly until: number }>();
  let evaluatedAt: number | undefined;
  const list = (): readonly Alert[] => [...alerts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    all: list,
    leases: {
      hold: async (name, holder, now, until) => {
        const held = leases.get(name);
        if (held !== undefined && held.holder !== holder && held.until > now) return false;
        leases.set(name, { holder, until });
        return true;
      },
      release: async (name, holder) => {
        if (leases.get(name)?.holder === holder) leases.delete(name);
      },
    },
    alerts: {
      listActive: async () => list().filter(({ state, message }) => state !== 'resolved' || message !== undefined),
      listResolved: async (_, { since, limit }) =>
        list()
          .filter(({ resolvedAt = 0 }) => resolvedAt >= since)
          .reverse()
          .slice(0, limit),
      save: async (_, alert) => {
        const before = alerts.get(alert.id);
        const isTaken = list().some(({ ruleId, state }) => ruleId === alert.ruleId && state !== 'resolved');
        if (alert.revision === 1 ? isTaken : before?.revision !== alert.revision - 1) return false;
        alerts.set(alert.id, structuredClone(alert));
        return true;
      },
      forget: async (_, { id, revision }) => alerts.get(id)?.revision === revision && alerts.delete(id),
      expire: async () => undefined,
      listSilences: async (_, endAfter) => [...silences.values()].filter(({ until }) => until > endAfter),
      insertSilence: async (_, silence) => void silences.set(silence.id, silence),
      endSilence: async (_, id, now) => {
        const silence = silences.get(id);
        if (silence === undefined || silence.until <= now) return false;
        silences.set(id, { ...silence, until: now });
        return true;
      },
      markEvaluated: async (_, at) => {
        evaluatedAt = at;
      },
      lastEvaluated: async () => evaluatedAt,
    },
  };
}
