import { noFacts, type PairCounts, type RolloutFacts } from '../../gates/facts.ts';
import { mergeFacts } from '../../gates/merge-facts.ts';
import type { FeedbackRepository, ShadowPairRepository } from '../../ports/feedback-repository.ts';
import type { LeaseRepository } from '../../ports/lease-repository.ts';
import type { RolloutFactsRepository } from '../../ports/rollout-facts-repository.ts';
import type { ReceiptRepository, RolloutRepository } from '../../ports/rollout-repository.ts';
import type { Receipt, ReceiptHead } from '../../receipts/receipt.ts';
import type { Traffic } from '../../routing/traffic.ts';
import type { Rollout, RolloutState } from '../rollout.ts';

/** The store of one rollout in a sandbox, in memory and with one writer. */
export interface SandboxStore {
  readonly rollouts: RolloutRepository;
  readonly receipts: ReceiptRepository;
  readonly facts: RolloutFactsRepository;
  readonly feedback: FeedbackRepository;
  readonly pairs: ShadowPairRepository;
  readonly leases: LeaseRepository;
  /** Adds a shadow pair with its label. */
  addPair(kind: keyof PairCounts): void;
}

export function createSandboxStore(): SandboxStore {
  const traffic: Traffic[] = [];
  const states: RolloutState[] = [];
  const receipts: Receipt[] = [];
  const heads: ReceiptHead[] = [];
  let rollout: Rollout | undefined;
  let counted: RolloutFacts = noFacts;
  let pairs = noFacts.pairs;

  const current = () => {
    const state = states.at(-1);
    return rollout === undefined || state === undefined ? [] : [{ rollout, state }];
  };
  const ended = new Set(['active', 'rolled-back', 'aborted']);

  return {
    rollouts: {
      commit: async (_project, transition) => {
        const { state } = transition;
        if (state !== undefined && state.revision <= states.length) return false;
        rollout = transition.rollout ?? rollout;
        if (state !== undefined) states.push(state);
        if (transition.traffic !== undefined) traffic.push(transition.traffic);
        receipts.push(...transition.receipts);
        if (transition.head !== undefined) heads.push(transition.head);
        return true;
      },
      wantedStables: async () => new Map(),
      currentTraffic: async () => traffic.slice(-1),
      listTraffic: async (_project, _model, { limit }) => traffic.toReversed().slice(0, limit),
      findRollout: async () => current()[0],
      listOpen: async () => current().filter(({ state }) => state.provisional || !ended.has(state.phase)),
      listRollouts: async () => current(),
      listStates: async () => states,
    },
    receipts: {
      last: async () => receipts.at(-1),
      list: async (_project, { after, limit }) => receipts.slice(after, after + limit),
      find: async (_project, { kind, limit }) =>
        receipts
          .filter((receipt) => kind === undefined || receipt.kind === kind)
          .reverse()
          .slice(0, limit),
      listHeads: async () => heads,
    },
    facts: {
      add: async ({ exposures, buckets, crashes }) => {
        counted = mergeFacts(counted, { ...noFacts, exposures, buckets, crashes });
      },
      sum: async () => counted,
    },
    feedback: {
      insert: async () => {},
      sumForRollout: async () => ({ ...noFacts, pairs }),
    },
    pairs: {
      insertMany: async () => {},
      count: async () => ({ pairs: pairs.worse + pairs.better + pairs.same, agreeing: pairs.same, failed: 0 }),
    },
    leases: { hold: async () => true, release: async () => {} },
    addPair: (kind) => {
      pairs = { ...pairs, [kind]: pairs[kind] + 1 };
    },
  };
}
