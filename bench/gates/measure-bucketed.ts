import { drawClusters, quantile, raceBucketed } from '@scarmonit/core/rollouts/simulation/race-tests';
import { seededRandom } from '@scarmonit/core/rollouts/simulation/seeded-random';

const goal = { name: 'bucketed', p0: 0.01, bucketSize: 50 } as const;
const requestsToFail = raceBucketed(goal, [0.01, 0.01 / 6]);

/** One line a kind of candidate: how often it fails within 20,000 requests, and after how many. */
export function measureBucketed(runs: number, seed: number): readonly Record<string, string | number>[] {
  const detection = [2, 3, 5, 10].map((percent) => measure(`${percent} % errors`, runs / 10, seed, percent / 100, 1));
  const falseAlarms = [1, 5, 10, 50].map((size) =>
    measure(`at the goal, clusters of ${size}`, runs, seed, goal.p0, size),
  );
  return [...detection, ...falseAlarms];
}

function measure(candidate: string, runs: number, seed: number, rate: number, clusterSize: number) {
  const random = seededRandom(seed);
  const whole: number[] = [];
  const sixth: number[] = [];
  for (let run = 0; run < runs; run++) {
    const [first = 0, second = 0] = requestsToFail(drawClusters(random, goal.bucketSize, rate, clusterSize), 20_000);
    whole.push(first);
    sixth.push(second);
  }
  return { candidate, ...describe(whole, 'α = 1 %'), ...describe(sixth, 'α = 1 %/6') };
}

function describe(requests: readonly number[], alpha: string) {
  return {
    [`failed, ${alpha}`]: requests.filter(Number.isFinite).length / requests.length,
    [`median, ${alpha}`]: finite(quantile(requests)),
    [`90 %, ${alpha}`]: finite(quantile(requests, 0.9)),
  };
}

function finite(requests: number): number | 'never' {
  return Number.isFinite(requests) ? requests : 'never';
}
