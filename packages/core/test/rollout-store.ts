import type {
  ReceiptRepository,
  RolloutRepository,
  RolloutWithState,
  Transition,
} from '../src/ports/rollout-repository.ts';
import type { Signer } from '../src/ports/signer.ts';
import type { Receipt, ReceiptHead } from '../src/receipts/receipt.ts';
import type { Rollout, RolloutState } from '../src/rollouts/rollout.ts';
import type { Traffic } from '../src/routing/traffic.ts';

/** Deployments, rollouts and receipts in memory, with the compare-and-swap of the real store. */
export interface FakeRolloutStore {
  readonly rollouts: RolloutRepository;
  readonly receipts: ReceiptRepository;
  readonly written: { readonly receipts: Receipt[]; readonly heads: ReceiptHead[]; readonly traffic: Traffic[] };
}

export function createFakeRolloutStore(): FakeRolloutStore {
  const written = { receipts: [] as Receipt[], heads: [] as ReceiptHead[], traffic: [] as Traffic[] };
  const rollouts = new Map<string, Rollout>();
  const states = new Map<string, RolloutState[]>();
  const wanted = new Map<string, string>();

  const newestTraffic = (model: string) => written.traffic.filter((traffic) => traffic.model === model).at(-1);
  const isTaken = ({ state, traffic, receipts }: Transition): boolean =>
    (state !== undefined && state.revision <= (states.get(state.rolloutId)?.length ?? 0)) ||
    (traffic !== undefined && traffic.revision <= (newestTraffic(traffic.model)?.revision ?? 0)) ||
    (receipts[0] !== undefined && receipts[0].sequence <= written.receipts.length);
  const withState = (rollout: Rollout): RolloutWithState => {
    const state = states.get(rollout.id)?.at(-1);
    if (state === undefined) throw new Error(`The rollout ${rollout.id} has no state.`);
    return { rollout, state };
  };
  const isOpen = ({ state }: RolloutWithState): boolean =>
    state.provisional || !['active', 'rolled-back', 'aborted'].includes(state.phase);

  return {
    written,
    rollouts: {
      commit: async (_project, transition) => {
        if (isTaken(transition)) return false;
        const { rollout, state, traffic, receipts, head } = transition;
        if (rollout !== undefined) rollouts.set(rollout.id, rollout);
        if (state !== undefined) states.set(state.rolloutId, [...(states.get(state.rolloutId) ?? []), state]);
        if (traffic !== undefined) written.traffic.push(traffic);
        if (transition.wanted !== undefined) wanted.set(transition.wanted.model, transition.wanted.stable);
        written.receipts.push(...receipts);
        if (head !== undefined) written.heads.push(head);
        return true;
      },
      wantedStables: async () => new Map(wanted),
      currentTraffic: async () => [...new Map(written.traffic.map((traffic) => [traffic.model, traffic])).values()],
      listTraffic: async (
        _project,
        model,
        { limit, at = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY },
      ) =>
        written.traffic
          .filter((traffic) => traffic.model === model && traffic.createdAt <= at && traffic.revision < before)
          .reverse()
          .slice(0, limit),
      findRollout: async (_project, id) => {
        const rollout = rollouts.get(id);
        return rollout === undefined ? undefined : withState(rollout);
      },
      listOpen: async () => [...rollouts.values()].map(withState).filter(isOpen),
      listRollouts: async (_project, { model, limit }) =>
        [...rollouts.values()]
          .filter((rollout) => model === undefined || rollout.model === model)
          .reverse()
          .slice(0, limit)
          .map(withState),
      listStates: async (_project, id) => states.get(id) ?? [],
    },
    receipts: {
      last: async () => written.receipts.at(-1),
      list: async (_project, { after, limit }) => written.receipts.slice(after, after + limit),
      find: async (_project, { limit, ...filter }) =>
        written.receipts
          .filter((receipt) => Object.entries(filter).every(([key, value]) => receipt[key as keyof Receipt] === value))
          .reverse()
          .slice(0, limit),
      listHeads: async () => written.heads,
    },
  };
}

/** Signs by repeating the message's length: enough for whoever does not check signatures. */
export const fakeSigner: Signer = {
  identify: async () => ({ id: 'fake-key', bytes: new Uint8Array(32) }),
  sign: async (message) => new Uint8Array(64).fill(message.length % 256),
};
