import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import { type Random, seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { compileObjectives, type Exposure, type Objective, readObjective, rulesOf } from './burn-rates.ts';

const errors: Objective = { kind: 'error-rate', model: 'chat', budget: 0.001, limitMs: 0, countsFailures: true };

/** The same share of bad requests in every window, but for those that are named. */
const read = (
  objective: Objective,
  share: number,
  judged = 100_000,
  other: Readonly<Record<number, Exposure>> = {},
  knownMs = 30 * dayMs,
) => readObjective(objective, (lengthMs) => other[lengthMs] ?? { judged, bad: share * judged }, knownMs);
const firing = (...of: Parameters<typeof read>) =>
  read(...of).flatMap(({ isTrue, rule }) => (isTrue ? [rule.severity] : []));

describe('objectives of a model', () => {
  it('are its goals that have an error budget', () => {
    expect(compileObjectives('chat', { maxErrorRate: 0.01, maxLatencyMs: 500, maxTimeToFirstTokenMs: 90 })).toEqual([
      { kind: 'error-rate', model: 'chat', budget: 0.01, limitMs: 0, countsFailures: true },
      { kind: 'latency', model: 'chat', budget: 0.05, limitMs: 500, countsFailures: false },
      { kind: 'first-token', model: 'chat', budget: 0.05, limitMs: 90, countsFailures: false },
    ]);
    expect(compileObjectives('chat', { minAccuracy: 0.9, maxErrorRate: 1 })).toEqual([]);
  });

  it('count what failed as slow where no goal of errors counts it', () => {
    expect(compileObjectives('chat', { maxLatencyMs: 500 })[0]?.countsFailures).toBe(true);
  });

  it('have a rule that pages and one that opens a ticket, with their figures in words', () => {
    expect(rulesOf(errors).map(({ id, condition }) => [id, condition])).toEqual([
      [
        'error-rate/chat/page',
        'Requests that fail: more than 1.4 % in the last hour and in the last 5 minutes, or more than 0.6 % in the last ' +
          '6 hours and in the last 30 minutes; 0.1 % are allowed.',
      ],
      [
        'error-rate/chat/ticket',
        'Requests that fail: more than 0.1 % in the last 3 days and in the last 6 hours; 0.1 % are allowed. ' +
          'Only after 6 hours of traffic.',
      ],
    ]);
  });
});

describe('burn rates', () => {
  it.each([
    [0.0005, []],
    [0.001, []],
    [0.0015, ['ticket']],
    [0.0059, ['ticket']],
    [0.0061, ['page']],
    [0.05, ['page']],
    [1, ['page']],
  ])('of a share of %d under a goal of a thousandth call for %j', (share, severities) => {
    expect(firing(errors, share, 1e6)).toEqual(severities);
  });

  it('end soon after the trouble, which a long window would remember', () => {
    const calm = { judged: 10_000, bad: 0 };
    expect(firing(errors, 0.05, 100_000, { [5 * minuteMs]: calm, [30 * minuteMs]: calm, [6 * hourMs]: calm })).toEqual(
      [],
    );
    // Six hours in which the budget burned six times too fast still count while the last half hour is no better.
    expect(firing(errors, 0.05, 100_000, { [5 * minuteMs]: calm })).toEqual(['page']);
  });

  it('do not begin with a peak that is too short to matter', () => {
    const peak = { judged: 500, bad: 50 };
    expect(firing(errors, 0.0001, 100_000, { [5 * minuteMs]: peak, [30 * minuteMs]: peak })).toEqual([]);
  });

  it.each([
    [0.05, 0.525, 0.3],
    [0.2, 0.6, 0.6],
  ])('under a goal of %d, which cannot burn that fast, have thresholds of %d and %d', (budget, fast, slow) => {
    const objective = { ...errors, budget };
    const slowOnly = { [6 * hourMs]: { judged: 0, bad: 0 }, [30 * minuteMs]: { judged: 0, bad: 0 } };
    expect(firing(objective, fast - 0.001, 100_000, slowOnly)).toEqual([]);
    expect(firing(objective, fast + 0.001, 100_000, slowOnly)).toEqual(['page']);
    expect(firing(objective, slow + 0.001)).toEqual(['page']);
    expect(firing(objective, slow - 0.001)).toEqual(['ticket']);
    expect(firing(objective, 1, 20)).toEqual(['page']);
  });

  it.each([
    [1, 1, []],
    [2, 2, []],
    [3, 3, ['page']],
    [2, 500, []],
    [8, 500, ['page']],
  ])('of %d bad requests of %d call for %j: few of them prove nothing', (bad, judged, severities) => {
    expect(firing(errors, bad / judged, judged)).toEqual(severities);
  });

  it('under a goal of no errors at all call for a page from the third', () => {
    const none = { ...errors, budget: 0 };
    expect(firing(none, 2 / 1e6, 1e6)).toEqual([]);
    expect(firing(none, 3 / 1e6, 1e6)).toEqual(['page']);
    expect(read(none, 3 / 1e6, 1e6)[0]?.figures.map(({ name }) => name)).toEqual(['bad', 'allowed', 'judged']);
  });

  it('of days are not told from the first hours of a model', () => {
    expect(firing(errors, 0.002, 1e6, {}, 6 * hourMs - 1)).toEqual([]);
    expect(firing(errors, 0.002, 1e6, {}, 6 * hourMs)).toEqual(['ticket']);
    expect(firing(errors, 0.02, 1e6, {}, 0)).toEqual(['page']);
  });

  it('are told with their figures, the pace and what to do', () => {
    const [page] = read(errors, 0.05, 1_230);
    expect(page?.summary).toBe(
      '5 % of 1,230 requests failed in the last hour, 5 % in the last 5 minutes; 0.1 % are allowed: the budget of 30 days ' +
        'burns 50 times as fast as allowed and lasts 14 hours.',
    );
    expect(page?.advice).toBe(
      'Look at the requests of chat that failed and at what changed last; roll back if a version is new.',
    );
    const [healthy] = read({ ...errors, kind: 'latency', limitMs: 500 }, 0.0002);
    expect(healthy?.summary).toBe(
      '0.02 % of 100,000 requests took longer than 500 ms in the last 5 minutes; 0.1 % are allowed.',
    );
    expect(read(errors, 0, 0)[0]?.summary).toBe('No requests in the last 5 minutes; 0.1 % are allowed.');
  });
});

describe('a simulated week', () => {
  /** Minutes of a week, as running sums: exposures of any window are differences. */
  const drawWeek = (random: Random, requestsPerMinute: number, share: number) => {
    const judged = [0];
    const bad = [0];
    for (let minute = 1; minute <= (7 * dayMs) / minuteMs; minute += 1) {
      const requests = drawPoisson(random, requestsPerMinute);
      judged.push((judged.at(-1) ?? 0) + requests);
      bad.push((bad.at(-1) ?? 0) + drawPoisson(random, requests * share));
    }
    return (minute: number) =>
      (lengthMs: number): Exposure => {
        const from = Math.max(0, minute - 1 - lengthMs / minuteMs);
        return {
          judged: (judged[minute] ?? 0) - (judged[from] ?? 0),
          bad: Math.min((bad[minute] ?? 0) - (bad[from] ?? 0), (judged[minute] ?? 0) - (judged[from] ?? 0)),
        };
      };
  };
  /** @returns the minutes in which a rule was true, at every minute of the week */
  const firingMinutes = (budget: number, share: number, requestsPerMinute: number, seed: number): number => {
    const exposures = drawWeek(seededRandom(seed), requestsPerMinute, share);
    let minutes = 0;
    for (let minute = 1; minute <= (7 * dayMs) / minuteMs; minute += 1) {
      if (readObjective({ ...errors, budget }, exposures(minute), minute * minuteMs).some(({ isTrue }) => isTrue))
        minutes += 1;
    }
    return minutes;
  };

  it.each([
    [0.001, 120],
    [0.001, 10],
    [0.01, 60],
    [0.01, 1],
    [0.05, 60],
    [0.05, 0.2],
  ])(
    'at half of a goal of %d with %d requests a minute fires nothing, whatever the seed',
    (budget, requestsPerMinute) => {
      for (const seed of [1, 2, 3]) expect(firingMinutes(budget, budget / 2, requestsPerMinute, seed)).toBe(0);
    },
  );

  it('at twice the goal does fire', () => {
    expect(firingMinutes(0.01, 0.02, 60, 1)).toBeGreaterThan(60);
  });
});

/** Knuth's method in pieces that do not underflow. */
function drawPoisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 500) {
    const limit = Math.exp(-Math.min(left, 500));
    let product = random();
    while (product > limit) {
      count += 1;
      product *= random();
    }
  }
  return count;
}
