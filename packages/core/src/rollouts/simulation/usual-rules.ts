/** What an interval (a minute) showed of one version. */
export interface VersionInterval {
  readonly requests: number;
  readonly events: number;
}

/** Both versions in one interval. */
export interface Interval {
  readonly candidate: VersionInterval;
  readonly stable: VersionInterval;
}

/** A rule in use elsewhere, of one goal in one rollout. Stateful: a fresh one for each rollout. */
export interface UsualRule {
  /** Takes the next interval; true once the rule rolls back. */
  observe(interval: Interval): boolean;
}

/** The name of a rule and how to begin it. `allowed` is the rate of the goal, `intervals` the length of the rollout. */
export interface UsualRuleKind {
  readonly name: string;
  begin(allowed: number, intervals: number): UsualRule;
}

/**
 * The rules that the simulator sets beside the gates, each with the settings of its own documentation or tutorial.
 * They are yardsticks; no rollout is decided by them.
 */
export const usualRules: readonly UsualRuleKind[] = [
  { name: 'Flagger-like: 5 failed checks', begin: (allowed) => countFailedChecks(allowed, 5) },
  {
    name: 'Argo-like: 5 measurements, none may fail',
    begin: (allowed, intervals) => measureAFewTimes(allowed, intervals, 5),
  },
  { name: 'z test at 5 %, every interval', begin: () => repeatZTest(1.6448536269514722) },
  {
    name: 'Mann-Whitney at 98 %, 12 windows',
    begin: (_, intervals) => repeatRankTest(intervals, 12, 2.3263478740408408),
  },
];

/** Flagger: an interval whose rate breaks the threshold is a failed check; `limit` of them in all roll back. */
function countFailedChecks(allowed: number, limit: number): UsualRule {
  let failed = 0;
  return {
    observe({ candidate }) {
      if (candidate.requests > 0 && candidate.events / candidate.requests > allowed) failed++;
      return failed >= limit;
    },
  };
}

/** Argo Rollouts: `count` measurements spread over the rollout, each of one interval, with a failureLimit of 0. */
function measureAFewTimes(allowed: number, intervals: number, count: number): UsualRule {
  const every = Math.max(1, Math.floor(intervals / count));
  let seen = 0;
  let failed = false;
  return {
    observe({ candidate }) {
      seen++;
      if (seen % every === 0 && candidate.events > allowed * candidate.requests) failed = true;
      return failed;
    },
  };
}

/** A one-sided two-sample z test of all requests so far, pooled over the weights, looked at after every interval. */
function repeatZTest(quantile: number): UsualRule {
  const candidate = { requests: 0, events: 0 };
  const stable = { requests: 0, events: 0 };
  return {
    observe(interval) {
      add(candidate, interval.candidate);
      add(stable, interval.stable);
      if (candidate.requests === 0 || stable.requests === 0) return false;
      const pooled = (candidate.events + stable.events) / (candidate.requests + stable.requests);
      const error = Math.sqrt(pooled * (1 - pooled) * (1 / candidate.requests + 1 / stable.requests));
      return error > 0 && candidate.events / candidate.requests - stable.events / stable.requests > quantile * error;
    },
  };
}

/**
 * Kayenta-like: after each window, a one-sided Mann-Whitney U test (normal approximation with ties) of the intervals'
 * rates in the window, candidate against stable.
 */
function repeatRankTest(intervals: number, windows: number, quantile: number): UsualRule {
  const size = Math.max(2, Math.floor(intervals / windows));
  let candidate: number[] = [];
  let stable: number[] = [];
  let failed = false;
  return {
    observe(interval) {
      if (interval.candidate.requests > 0) candidate.push(interval.candidate.events / interval.candidate.requests);
      if (interval.stable.requests > 0) stable.push(interval.stable.events / interval.stable.requests);
      if (Math.max(candidate.length, stable.length) >= size) {
        if (rankScore(candidate, stable) > quantile) failed = true;
        candidate = [];
        stable = [];
      }
      return failed;
    },
  };
}

/** z of the Mann-Whitney U statistic, positive when `a` tends to be larger. 0 when nothing can be said. */
function rankScore(a: readonly number[], b: readonly number[]): number {
  const total = a.length + b.length;
  if (a.length === 0 || b.length === 0) return 0;
  const sorted = [...a, ...b].sort((x, y) => x - y);
  let ties = 0;
  const ranks = new Map<number, number>();
  for (let start = 0; start < total; ) {
    let end = start;
    while (end < total && sorted[end] === sorted[start]) end++;
    ranks.set(sorted[start] ?? 0, (start + 1 + end) / 2);
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const rankSum = a.reduce((sum, value) => sum + (ranks.get(value) ?? 0), 0);
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance <= 0 ? 0 : (u - (a.length * b.length) / 2) / Math.sqrt(variance);
}

function add(total: { requests: number; events: number }, { requests, events }: VersionInterval): void {
  total.requests += requests;
  total.events += events;
}
