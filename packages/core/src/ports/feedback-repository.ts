import type { RolloutFacts } from '../gates/facts.ts';
import type { Rollout, RolloutPlan } from '../rollouts/rollout.ts';

/** What became of an answer, told by people or systems that saw it. At least one field beyond the ids is there. */
export interface Feedback {
  readonly id: string;
  readonly projectId: string;
  /** The answer's `x-request-id`. */
  readonly requestId: string;
  readonly createdAt: number;
  readonly keyId: string;
  /** What would have been right, such as a class. */
  readonly label?: string;
  /** Of the label in the plain form in which answers are kept, see {@link ShadowPair}; there whenever the label is. */
  readonly labelDigest?: string;
  /** From 0 (bad) to 1 (good); thumbs are 0 and 1. */
  readonly rating?: number;
  /** Whether the user's task was done. */
  readonly completed?: boolean;
}

/** What feedback says of a rollout's requests, as its gates read it. */
export type FeedbackFacts = Pick<RolloutFacts, 'exposures' | 'buckets' | 'pairs'>;

/** What must be known of a rollout to find what was told of its requests. */
export interface RatedRollout extends Pick<Rollout, 'projectId' | 'id' | 'to' | 'createdAt'> {
  readonly plan: Pick<RolloutPlan, 'gates' | 'sticky'>;
}

/** Feedback at rest. It may come before the record of its request is written, or days after it. */
export interface FeedbackRepository {
  insert(feedback: Feedback): Promise<void>;
  /**
   * Joins feedback with the requests that the rollout assigned and that were answered, and with the shadow pairs that both
   * versions answered. Only what a gate of the rollout reads is looked for, and only in feedback that is as young as the
   * rollout: the work does not grow with what a project was told before.
   * Of several kinds of feedback on a request the last of each kind counts. A rating below 0.5 is `unsatisfied`.
   * @param bucketRequests requests in a bucket at the most, in the order in which their feedback came
   */
  sumForRollout(rollout: RatedRollout, bucketRequests: number): Promise<FeedbackFacts>;
}

/** A request that both versions answered. Answers are kept as digests, never as text. */
export interface ShadowPair {
  readonly id: string;
  readonly projectId: string;
  readonly rolloutId: string;
  readonly requestId: string;
  readonly createdAt: number;
  /** Whether the two answers say the same: equal labels, equal text, or a cosine of at least 0.99. */
  readonly agree: boolean;
  /** For embeddings, of the two answers; −1 to 1. */
  readonly cosine?: number;
  /** Lower-case hex SHA-256 of the answer in its plain form, as `plainAnswerDigest` makes it; absent for embeddings. */
  readonly stableAnswer?: string;
  readonly candidateAnswer?: string;
  /** How the copy ended; stable's answer is always a good one. */
  readonly candidateFailed: boolean;
}

export interface ShadowPairRepository {
  insertMany(pairs: readonly ShadowPair[]): Promise<void>;
  count(
    projectId: string,
    rolloutId: string,
  ): Promise<{ readonly pairs: number; readonly agreeing: number; readonly failed: number }>;
}
