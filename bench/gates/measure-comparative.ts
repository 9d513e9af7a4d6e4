import { type Landing, quantile, raceComparative } from '@scarmonit/core/rollouts/simulation/race-tests';
import { type Random, seededRandom } from '@scarmonit/core/rollouts/simulation/seeded-random';

const candidateEventsToFail = raceComparative({ name: 'comparative', delta: 1 }, 0.01);

/**
 * The gates count requests with an event. Where a version has bursts of its own, whose requests fail together, equal
 * versions are then told apart too often. The remedy tried here counts runs of so many requests of one version, in the
 * order of assignment, of which one or more had an event: runs are hit equally often by equal versions, and a burst hits
 * one or two. What it costs is the time to see a bad version.
 */
export function measureComparative(runs: number, seed: number): readonly Record<string, string | number>[] {
  return [1, 5, 10, 20].flatMap((runLength) =>
    [0.05, 0.5].map((weight) => {
      const share = (times: number, clusterSize: number, limit: number) =>
        simulate(runs, seed, { runLength, weight, times, clusterSize, limit });
      return {
        'requests a run': runLength,
        weight,
        'false alarms, independent': failed(share(1, 1, 20_000)),
        'in bursts of 2': failed(share(1, 2, 20_000)),
        'of 5': failed(share(1, 5, 20_000)),
        'of 10': failed(share(1, 10, 20_000)),
        'candidate requests to see 3 ×': quantile(share(3, 1, 200_000)),
        'to see 5 ×': quantile(share(5, 1, 200_000)),
      };
    }),
  );
}

interface Kind {
  readonly runLength: number;
  readonly weight: number;
  /** Candidate's rate over stable's, which is 1 %. */
  readonly times: number;
  readonly clusterSize: number;
  /** Requests of both versions. */
  readonly limit: number;
}

/** Candidate requests until each rollout failed, or ∞. */
function simulate(runs: number, seed: number, kind: Kind): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: runs }, () => {
    const seen = { candidateRequests: 0 };
    return Number.isFinite(candidateEventsToFail(land(random, kind, seen)))
      ? seen.candidateRequests
      : Number.POSITIVE_INFINITY;
  });
}

function* land(random: Random, kind: Kind, seen: { candidateRequests: number }): Iterable<Landing> {
  const arms = [0, 1].map(() => ({ clusterLeft: 0, failing: false, runLeft: 0, hit: false }));
  for (let request = 0; request < kind.limit; request++) {
    const onCandidate = random() < kind.weight;
    const arm = arms[onCandidate ? 1 : 0];
    if (arm === undefined) continue;
    if (onCandidate) seen.candidateRequests++;
    if (arm.clusterLeft-- === 0) {
      arm.clusterLeft = kind.clusterSize - 1;
      arm.failing = random() < 0.01 * (onCandidate ? kind.times : 1);
    }
    if (arm.runLeft-- === 0) {
      arm.runLeft = kind.runLength - 1;
      arm.hit = false;
    }
    if (!arm.failing || arm.hit) continue;
    arm.hit = true;
    yield { weight: kind.weight, onCandidate };
  }
}

function failed(requests: readonly number[]): number {
  return requests.filter(Number.isFinite).length / requests.length;
}
