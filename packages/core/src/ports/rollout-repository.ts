import type { Receipt, ReceiptHead } from '../receipts/receipt.ts';
import type { Rollout, RolloutState } from '../rollouts/rollout.ts';
import type { Traffic } from '../routing/traffic.ts';

/** What belongs to one decision. All of it is written, or none. */
export interface Transition {
  /** On its first state only. */
  readonly rollout?: Rollout;
  readonly state?: RolloutState;
  readonly traffic?: Traffic;
  /** What the manifest wants of a model, so that the same file never asks twice. */
  readonly wanted?: { readonly model: string; readonly stable: string; readonly updatedAt: number };
  /** Next links of the chain, in order. */
  readonly receipts: readonly Receipt[];
  readonly head?: ReceiptHead;
}

/**
 * Deployments, rollouts and their receipts at rest. Nothing is ever updated: a compare-and-swap is the unique insert of
 * the next revision or sequence.
 */
export interface RolloutRepository {
  /**
   * Writes a transition in one atomic batch, durable when it resolves.
   * @returns false when somebody else wrote one of its revisions or sequences first; nothing has changed then
   */
  commit(projectId: string, transition: Transition): Promise<boolean>;
  /** The `stable` that a manifest last wanted, by model. */
  wantedStables(projectId: string): Promise<ReadonlyMap<string, string>>;
  /** The newest traffic of every model that ever had one. */
  currentTraffic(projectId: string): Promise<readonly Traffic[]>;
  /** All traffic of a model, newest first: `at` gives what served at that time and what came before it. */
  listTraffic(
    projectId: string,
    model: string,
    page: { readonly limit: number; readonly at?: number; readonly before?: number },
  ): Promise<readonly Traffic[]>;
  findRollout(projectId: string, id: string): Promise<RolloutWithState | undefined>;
  /** Rollouts that have not ended (also `held` and `frozen`), and those whose promotion is provisional. */
  listOpen(projectId: string): Promise<readonly RolloutWithState[]>;
  /** Newest first. */
  listRollouts(
    projectId: string,
    page: { readonly model?: string; readonly limit: number; readonly before?: string },
  ): Promise<readonly RolloutWithState[]>;
  /** The states of a rollout, oldest first. */
  listStates(projectId: string, rolloutId: string): Promise<readonly RolloutState[]>;
}

export interface RolloutWithState {
  readonly rollout: Rollout;
  readonly state: RolloutState;
}

/** The chain of receipts, to read. Writing is {@link RolloutRepository.commit}'s. */
export interface ReceiptRepository {
  /** The newest link; undefined for an empty chain. */
  last(projectId: string): Promise<Receipt | undefined>;
  /** In the order of the chain, from the one after `after` (0: from the first). */
  list(projectId: string, page: { readonly after: number; readonly limit: number }): Promise<readonly Receipt[]>;
  /** Newest first. */
  find(
    projectId: string,
    filter: {
      readonly model?: string;
      readonly version?: string;
      readonly versionDigest?: string;
      readonly rolloutId?: string;
      readonly kind?: string;
      readonly limit: number;
      readonly before?: number;
    },
  ): Promise<readonly Receipt[]>;
  listHeads(projectId: string): Promise<readonly ReceiptHead[]>;
}
