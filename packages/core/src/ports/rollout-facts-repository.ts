import type { BucketCount, ExposureCount, KeySighting, RolloutFacts } from '../gates/facts.ts';

/** What one process saw of a rollout since its last flush. */
export interface FactsFlush {
  readonly rolloutId: string;
  /** The process, from its start to its end: a restarted one is another source. */
  readonly source: string;
  /** 1, 2, 3, … of this source for this rollout: what arrives twice counts once. */
  readonly sequence: number;
  readonly exposures: readonly ExposureCount[];
  readonly buckets: readonly BucketCount[];
  readonly crashes: number;
  readonly sightings: readonly KeySighting[];
}

/** Facts of rollouts at rest: counters that add up over processes. */
export interface RolloutFactsRepository {
  /**
   * Adds a flush, all of it or nothing; one with a sequence that is in already changes nothing.
   * A sighting counts the first time that any source reports it.
   */
  add(flush: FactsFlush): Promise<void>;
  /** The sum over all sources. What feedback says is apart: `FeedbackRepository.sumForRollout`. */
  sum(rolloutId: string): Promise<Omit<RolloutFacts, 'pairs'>>;
}
