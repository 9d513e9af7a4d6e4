import type { Clock } from '../ports/clock.ts';
import type { FeedbackFacts, FeedbackRepository } from '../ports/feedback-repository.ts';

/** So many requests with feedback are summed up in a second at the most, over all rounds. */
const requestsPerSecond = 1_000;

interface Sum {
  readonly facts: FeedbackFacts;
  /** Monotonic. */
  readonly freshUntilMs: number;
}

/**
 * Sums are dearer the more feedback a rollout has, and its gates are read twice a second: so a sum is used again for as long
 * as its size says, and a round costs the same on average however long the rollout goes on. With little feedback each round
 * has its own sum. Feedback that comes meanwhile counts with the next one.
 */
export function paceFeedback(feedback: FeedbackRepository, clock: Pick<Clock, 'monotonicMs'>): FeedbackRepository {
  const sums = new Map<string, Sum>();
  return {
    insert: (told) => feedback.insert(told),
    sumForRollout: async (rollout, bucketRequests) => {
      const nowMs = clock.monotonicMs();
      for (const [id, { freshUntilMs }] of sums) if (freshUntilMs <= nowMs) sums.delete(id);
      const known = sums.get(rollout.id);
      if (known !== undefined) return known.facts;
      // Its promise is shared with nobody: on some hosts it would end with the request that it was made in.
      const facts = await feedback.sumForRollout(rollout, bucketRequests);
      const paceMs = (sizeOf(facts) / requestsPerSecond) * 1_000;
      sums.set(rollout.id, { facts, freshUntilMs: clock.monotonicMs() + paceMs });
      return facts;
    },
  };
}

function sizeOf({ exposures, pairs }: FeedbackFacts): number {
  const told = exposures.filter(({ unit }) => unit === 'request').reduce((sum, { exposed }) => sum + exposed, 0);
  return told + pairs.worse + pairs.better + pairs.same;
}
