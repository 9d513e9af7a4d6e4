import { dayMs } from '../metrics/windows.ts';

/** Half of a use is forgotten in so long. */
const halfLifeMs = 7 * dayMs;

/**
 * How much a subject is used, so that ranks of different times compare without being brought up to date: the logarithm of
 * its requests, each of which counts half as much a week later, plus the time in weeks.
 * @param before its rank at an earlier time
 */
export function usageRank(before: number | undefined, requests: number, at: number): number {
  const age = at / halfLifeMs;
  const forgotten = before === undefined ? 0 : 2 ** (before - age);
  return Math.log2(Math.max(forgotten + requests, 2 ** -40)) + age;
}
