import type { Gate } from '../../gates/gate.ts';
import { replayRollout } from './replay-rollout.ts';
import { seededRandom } from './seeded-random.ts';
import { makeTraffic, type SyntheticTraffic } from './synthetic-traffic.ts';

/** What one detector did in many rollouts of the same kind. Of a healthy candidate these are false alarms. */
export interface DetectorResult {
  readonly detector: string;
  /** Shares of the rollouts, 0…1. */
  readonly rolledBack: number;
  readonly frozen: number;
  /** Requests that the candidate answered before it was rolled back; absent when it never was. */
  readonly medianCandidateRequests?: number;
}

/**
 * Runs the same rollout many times with made-up traffic and counts what the gates and the usual rules do with it.
 * The figures are the same for the same seed.
 * @param runs rollouts; the standard error of a share is √(share·(1 − share)/runs)
 */
export function simulateRollout(
  gates: readonly Gate[],
  traffic: SyntheticTraffic,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): readonly DetectorResult[] {
  const tallies = new Map<string, { frozen: number; readonly rolledBackAfter: number[] }>();
  for (let run = 0; run < runs; run++) {
    for (const { detector, verdict, candidateRequests } of replayRollout(
      gates,
      makeTraffic(traffic, seededRandom(seed + run)),
    )) {
      const tally = tallies.get(detector) ?? { frozen: 0, rolledBackAfter: [] };
      tallies.set(detector, tally);
      if (verdict === 'rolled-back') tally.rolledBackAfter.push(candidateRequests);
      if (verdict === 'frozen') tally.frozen++;
    }
  }
  return [...tallies].map(([detector, { frozen, rolledBackAfter }]) => {
    const median = rolledBackAfter.sort((a, b) => a - b)[rolledBackAfter.length >> 1];
    return {
      detector,
      rolledBack: rolledBackAfter.length / runs,
      frozen: frozen / runs,
      ...(median !== undefined && { medianCandidateRequests: median }),
    };
  });
}
