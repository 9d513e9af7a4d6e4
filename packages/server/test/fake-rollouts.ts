import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { linkReceipts } from '@scarmonit/core/receipts/link-receipts';
import { planRollout } from '@scarmonit/core/rollouts/planner/plan-rollout';
import type { RolloutState } from '@scarmonit/core/rollouts/rollout';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import type { Traffic } from '@scarmonit/core/routing/traffic';
import type {
  AgentServices,
  GivenFeedback,
  RolloutDetail,
  VersionRecord,
} from '@scarmonit/core/services/agent-services';

const at = 1_790_000_000_000;

/** What the fake services of rollouts were asked. */
export interface FakeRolloutState {
  readonly asked: unknown[];
  readonly feedback: GivenFeedback[];
  /** How self-tests end, and whether the last one has. */
  readonly selfTest: { outcome: 'report' | 'refusal' | 'failure'; isOver: boolean };
}

type RolloutServices = Pick<AgentServices, 'rollouts' | 'versions' | 'receipts' | 'feedback' | 'selfTest'>;

/** One rollout of `chat-model` at its first step, two revisions of traffic, two receipts, two versions. */
export function createFakeRollouts(): { readonly services: RolloutServices; readonly state: FakeRolloutState } {
  const state: FakeRolloutState = { asked: [], feedback: [], selfTest: { outcome: 'report', isOver: false } };
  const detail = fakeDetail();
  const records = [fakeRecord('1.0.0'), fakeRecord('1.1.0')];
  const drafts = ['gate', 'rollout'] as const;
  const receipts = linkReceipts(
    'default',
    undefined,
    drafts.map((kind) => ({ kind, model: 'chat-model', version: '1.1.0', versionDigest: 'd2', body: { note: kind } })),
    at,
    { sha256Hex: () => 'e'.repeat(64) },
  );
  const show = (id: string): RolloutDetail => {
    if (id === 'nope')
      throw new ScarmonitError('not_found', 'There is no such rollout.', { code: 'rollout_not_found' });
    return detail;
  };
  const find = (version: string): VersionRecord => {
    const found = records.find((record) => record.version === version);
    if (found === undefined) throw new ScarmonitError('unknown_version', `There is no version '${version}'.`);
    return found;
  };
  return {
    state,
    services: {
      rollouts: {
        start: async (wanted) => {
          state.asked.push(wanted);
          return detail;
        },
        command: async (id, command, decision) => {
          state.asked.push({ id, command, ...decision });
          if (decision.revision !== undefined && decision.revision !== detail.state.revision) {
            throw new ScarmonitError('conflict', 'Somebody else moved first.', { code: 'revision_conflict' });
          }
          return show(id);
        },
        list: async (page) => {
          state.asked.push(page);
          return Array.from({ length: page.limit }, () => detail);
        },
        show: async (id) => show(id),
        plan: async ({ requestsPerMinute = 0 }) => ({
          settings: defaultRolloutSettings,
          requestsPerMinute,
          trafficFrom: 'given',
          forecast: planRollout(
            { maxErrorRate: 0.01 },
            { requestsPerMinute },
            { ...defaultRolloutSettings, steps: [0.05, 0.5] },
          ),
        }),
        history: async (_model, page) => {
          state.asked.push(page);
          return [detail.traffic, { ...detail.traffic, revision: 1 }].slice(0, page.limit);
        },
      },
      versions: {
        list: async () => records,
        show: async (_model, version) => find(version),
        register: async (_model, version, text) => {
          state.asked.push(text);
          return find(version);
        },
        deprecate: async (_model, version, decision) => {
          state.asked.push(decision);
          return {
            ...find(version),
            status: 'deprecated',
            deprecation: { since: at, decidedBy: decision.by, reason: decision.reason },
          };
        },
      },
      receipts: {
        find: async (filter) => {
          state.asked.push(filter);
          return receipts.slice(0, filter.limit);
        },
        heads: async () => [],
        verify: async (evidence) => {
          state.asked.push(evidence);
          return {
            receipts: 2,
            heads: evidence.heads.length,
            last: undefined,
            recomputed: 0,
            keyId: 'k',
            problems: [],
          };
        },
      },
      selfTest: {
        run: async function* (by) {
          state.asked.push({ selfTest: by });
          if (state.selfTest.outcome === 'refusal') {
            throw new ScarmonitError('conflict', 'A self-test is running.', { code: 'self_test_running' });
          }
          const planted = { name: 'failing', planted: 'fails', expected: 'rolled-back by maxErrorRate/absolute' };
          const outcome = 'rolled-back' as const;
          try {
            for (const requests of [0, 1_000]) yield { name: 'failing', number: 1, of: 1, requests };
          } finally {
            state.selfTest.isOver = true;
          }
          if (state.selfTest.outcome === 'failure') throw new Error('a secret');
          const ended = { reason: '2.0.0 fails too often', requests: 50, elapsedMs: 3_000, receipts: 3, passed: true };
          return {
            cases: [{ ...planted, outcome, gate: 'maxErrorRate/absolute', ...ended }],
            store: 'memory',
            seed: 1,
            tookMs: 10,
            passed: true,
          };
        },
      },
      feedback: {
        take: async (_key, feedback) => {
          state.feedback.push(feedback);
          return 'feedback-1';
        },
      },
    },
  };
}

function fakeDetail(): RolloutDetail {
  const plan = compilePlan({ ...defaultRolloutSettings, steps: [5, 50] }, { maxErrorRate: 0.01 }, 'secret-salt');
  const state: RolloutState = {
    rolloutId: 'rollout-1',
    revision: 3,
    phase: 'canary',
    step: 0,
    evidenceFrom: 0,
    renewedFrom: 0,
    paused: false,
    since: at,
    provisional: false,
    decidedBy: 'controller',
    reason: '1.1.0 gets 5 % of the requests',
    createdAt: at,
  };
  const traffic: Traffic = {
    model: 'chat-model',
    revision: 2,
    stable: '1.0.0',
    candidate: '1.1.0',
    weight: 0.05,
    shadow: 0,
    sticky: 'none',
    salt: 'secret-salt',
    rolloutId: 'rollout-1',
    decidedBy: 'controller',
    reason: '1.1.0 gets 5 % of the requests',
    createdAt: at,
  };
  return {
    rollout: {
      id: 'rollout-1',
      projectId: 'default',
      model: 'chat-model',
      from: '1.0.0',
      to: '1.1.0',
      fromDigest: 'd1',
      toDigest: 'd2',
      plan,
      createdAt: at,
      createdBy: 'sk-adm',
      reason: '',
    },
    state,
    traffic,
    readings: plan.gates.map((gate) => ({
      gate: gate.id,
      verdict: 'inconclusive',
      reason: 'no-data',
      logE: -0.5,
      threshold: Math.log(1 / gate.alpha),
      exposure: 0,
      required: gate.required,
      statistics: { test: 'bucketed', buckets: [] },
    })),
    counts: {
      stable: { requests: 95, events: { error: { exposed: 95, happened: 1 } } },
      candidate: { requests: 5, events: {} },
    },
    crashes: 0,
    shadowPairs: { pairs: 0, agreeing: 0, failed: 0 },
    states: [state],
  };
}

function fakeRecord(version: string): VersionRecord {
  return {
    model: 'chat-model',
    version,
    status: 'testing',
    digest: `digest of ${version}`,
    createdAt: at,
    revision: 0,
  };
}
