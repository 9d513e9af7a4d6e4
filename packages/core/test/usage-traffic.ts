import { latencyBin, type Usage, usageWindowMs } from '../src/anomalies/usage.ts';
import { dayMs, hourMs } from '../src/metrics/windows.ts';
import { type Random, seededRandom } from '../src/rollouts/simulation/seeded-random.ts';

/** How a healthy key behaves. Amounts by hour and weekday are e-folds. */
export interface Habit {
  readonly name: string;
  /** Requests in five minutes, in the middle of a working day. */
  readonly requests: number;
  readonly byHour: number;
  readonly lessAtWeekends: number;
  /** Standard deviation, e-folds, of what lasts for an hour or so. */
  readonly mood: number;
  /** Now and then, and how much then: the tail of sizes has this exponent. */
  readonly bursts?: { readonly share: number; readonly requests: number; readonly tail: number };
}

/** Habits that healthy keys have: each is simulated with many seeds. */
export const habits: readonly Habit[] = [
  { name: 'steady', requests: 300, byHour: 0.5, lessAtWeekends: 0.3, mood: 0.2 },
  { name: 'office', requests: 200, byHour: 3, lessAtWeekends: 2, mood: 0.4 },
  { name: 'small', requests: 8, byHour: 1, lessAtWeekends: 0.5, mood: 0.5 },
  {
    name: 'batches',
    requests: 2,
    byHour: 0,
    lessAtWeekends: 0,
    mood: 0.3,
    bursts: { share: 0.01, requests: 400, tail: 2.5 },
  },
  {
    name: 'restless',
    requests: 50,
    byHour: 1,
    lessAtWeekends: 0.5,
    mood: 0.3,
    bursts: { share: 0.003, requests: 300, tail: 2 },
  },
];

/** A healthy key's usage window by window, with weekly seasons. The same seed makes the same. */
export function createTraffic(habit: Habit, seed: number): (at: number) => Usage {
  const random = seededRandom(seed);
  let mood = 0;
  return (at) => {
    mood = 0.9 * mood + habit.mood * Math.sqrt(1 - 0.81) * normal(random);
    const hour = (at % dayMs) / hourMs;
    const isWeekend = Math.floor(at / dayMs) % 7 >= 5;
    const byHour = habit.byHour * (Math.cos(((hour - 14) / 24) * 2 * Math.PI) - 1);
    let expected = habit.requests * Math.exp(byHour - (isWeekend ? habit.lessAtWeekends : 0) + mood);
    const { bursts } = habit;
    if (bursts !== undefined && random() < bursts.share) {
      expected += bursts.requests * (1 - random()) ** (-1 / bursts.tail);
    }
    return drawUsage(random, poisson(random, expected), mood);
  };
}

/** Thirty requests at the most are drawn one by one, and their tokens and times stand for the rest. */
function drawUsage(random: Random, requests: number, mood: number): Usage {
  const drawn = Math.min(requests, 30);
  const latency = Array.from({ length: 30 }, () => 0);
  let tokens = 0;
  for (let request = 0; request < drawn; request += 1) {
    tokens += 300 * Math.exp(normal(random));
    const bin = Math.min(29, latencyBin(400 * Math.exp(0.5 * normal(random) + 0.2 * mood)));
    latency[bin] = (latency[bin] ?? 0) + 1;
  }
  const errors = Math.min(requests, poisson(random, requests / 100));
  return { requests, errors, tokens: drawn === 0 ? 0 : Math.round((tokens * requests) / drawn), latency };
}

/** When windows begin that are so many after the first. */
export function windowAt(place: number): number {
  return Math.floor(1_700_000_000_000 / usageWindowMs) * usageWindowMs + place * usageWindowMs;
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  let share = Math.exp(-mean);
  let passed = share;
  const drawn = random();
  while (drawn > passed && count < 200) {
    count += 1;
    share *= mean / count;
    passed += share;
  }
  return count;
}
