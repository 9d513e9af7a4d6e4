import { noFacts, type PairCounts, type RolloutFacts } from '../../gates/facts.ts';
import { mergeFacts } from '../../gates/merge-facts.ts';
import type { FeedbackRepository, ShadowPair, ShadowPairRepository } from '../../ports/feedback-repository.ts';
import type { LeaseRepository } from '../../ports/lease-repository.ts';
import type { PredictionRepository } from '../../ports/prediction-repository.ts';
import type { RolloutFactsRepository } from '../../ports/rollout-facts-repository.ts';
import type { ReceiptRepository, RolloutRepository } from '../../ports/rollout-repository.ts';
import type { Receipt, ReceiptHead } from '../../receipts/receipt.ts';
import type { Traffic } from '../../routing/traffic.ts';
import type { Rollout, RolloutState } from '../rollout.ts';

/** What a rollout in a sandbox is written to. */
export interface SandboxStore {
  readonly rollouts: RolloutRepository;
  readonly receipts: ReceiptRepository;
  readonly facts: RolloutFactsRepository;
  readonly feedback: FeedbackRepository;
  readonly pairs: ShadowPairRepository;
  readonly leases: LeaseRepository;
  readonly predictions: Pick<PredictionRepository, 'insertMany'>;
}

/** Where the rollouts of one self-test are written to, apart from all that the host keeps. */
export interface SandboxStores {
  /** What keeps it, in a few words for people. */
  readonly kind: string;
  /** @returns a store for this project, of which nothing is there yet */
  open(projectId: string): Promise<SandboxStore>;
  /** Forgets everything. Idempotent. */
  close(): Promise<void>;
}

/** Plain objects, for hosts without a database that comes and goes with the self-test. */
export function createMemoryStores(): SandboxStores {
  return { kind: 'memory', open: async () => createMemoryStore(), close: async () => {} };
}

/** Of one project with one rollout and one writer. */
function createMemoryStore(): SandboxStore {
  const traffic: Traffic[] = [];
  const states: RolloutState[] = [];
  const receipts: Receipt[] = [];
  const heads: ReceiptHead[] = [];
  const labels = new Map<string, string>();
  const pairs: ShadowPair[] = [];
  let rollout: Rollout | undefined;
  let counted: RolloutFacts = noFacts;

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
      insert: async ({ requestId, labelDigest }) => {
        if (labelDigest !== undefined) labels.set(requestId, labelDigest);
      },
      sumForRollout: async () => ({ ...noFacts, pairs: countPairs(pairs, labels) }),
    },
    pairs: {
      insertMany: async (added) => void pairs.push(...added),
      count: async () => ({
        pairs: pairs.length,
        agreeing: pairs.filter(({ agree }) => agree).length,
        failed: pairs.filter(({ candidateFailed }) => candidateFailed).length,
      }),
    },
    leases: { hold: async () => true, release: async () => {} },
    predictions: { insertMany: async () => {} },
  };
}

/** Of the pairs that both versions answered and whose request has a label: who was right. */
function countPairs(pairs: readonly ShadowPair[], labels: ReadonlyMap<string, string>): PairCounts {
  const counts = { worse: 0, better: 0, same: 0 };
  for (const { requestId, stableAnswer, candidateAnswer, candidateFailed } of pairs) {
    const label = labels.get(requestId);
    if (label === undefined || candidateFailed) continue;
    const isStableRight = stableAnswer === label;
    if (isStableRight === (candidateAnswer === label)) counts.same += 1;
    else counts[isStableRight ? 'worse' : 'better'] += 1;
  }
  return counts;
}
