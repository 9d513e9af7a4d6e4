import { describe, expect, it } from 'vitest';
import { normal } from '../../test/usage-traffic.ts';
import { dayMs } from '../metrics/windows.ts';
import { seededRandom } from '../rollouts/simulation/seeded-random.ts';
import type { Counts } from './divergence.ts';
import { type DriftState, driftEvidence, unknownDrift, watchDay, watchFrom } from './drift-watch.ts';

/** How a healthy distribution behaves: requests a day, and how much its shares differ from day to day. */
interface Life {
  readonly name: string;
  readonly requests: number;
  /** Standard deviation of a bin's share on a day, e-folds. */
  readonly restless: number;
  /** How much weekends differ, e-folds from the first bin to the last. */
  readonly weekends: number;
  /** Requests that come in a row and are alike. */
  readonly cluster: number;
}

const lives: readonly Life[] = [
  { name: 'calm', requests: 2_000, restless: 0.05, weekends: 0.2, cluster: 1 },
  { name: 'another life at weekends', requests: 2_000, restless: 0.1, weekends: 2, cluster: 1 },
  { name: 'restless', requests: 2_000, restless: 0.4, weekends: 0.5, cluster: 1 },
  { name: 'users that repeat themselves', requests: 2_000, restless: 0.1, weekends: 0.5, cluster: 20 },
  { name: 'few requests', requests: 150, restless: 0.1, weekends: 0.3, cluster: 1 },
];
const bins = 12;

/** The days of a life, drawn by a seed; `shift` moves every other bin up, the rest down. */
function createDays(life: Life, seed: number) {
  const random = seededRandom(seed);
  const base = Array.from({ length: bins }, () => normal(random));
  return (day: number, shift = 0): Counts => {
    const isWeekend = day % 7 >= 5;
    const shares = base.map((level, bin) => {
      const weekend = isWeekend ? life.weekends * (bin / bins - 0.5) : 0;
      return Math.exp(level + weekend + life.restless * normal(random) + (bin % 2 === 0 ? -shift : shift));
    });
    const all = shares.reduce((sum, share) => sum + share, 0);
    const clusters = (life.requests * (isWeekend ? 0.3 : 1) * Math.exp(0.3 * normal(random))) / life.cluster;
    const counts: Record<string, number> = {};
    for (const [bin, share] of shares.entries()) {
      const expected = (clusters * share) / all;
      const drawn = Math.round(expected + Math.sqrt(expected * (1 - share / all)) * normal(random));
      counts[`b${bin}`] = Math.max(0, drawn) * life.cluster;
    }
    return counts;
  };
}

function watchDays(
  days: (day: number, shift?: number) => Counts,
  until: number,
  shiftedFrom = until,
  shift = 0,
): DriftState {
  let state = unknownDrift;
  for (let day = 0; day < until; day += 1)
    state = watchDay(state, day * dayMs, days(day, day >= shiftedFrom ? shift : 0));
  return state;
}

/** Days from the shift until it is found. */
function daysUntilFound(life: Life, seed: number, shiftedFrom: number): number {
  const days = createDays(life, seed);
  let state = watchDays(days, shiftedFrom);
  for (let found = 1; found <= 100; found += 1) {
    state = watchDay(state, (shiftedFrom + found - 1) * dayMs, days(shiftedFrom + found - 1, 1));
    if (state.phase === 'drifted') return found;
  }
  return Number.POSITIVE_INFINITY;
}

describe('drift', () => {
  it.each(lives)('is not seen in a thousand healthy days: $name', (life) => {
    const phases = Array.from({ length: 20 }, (_, seed) => watchDays(createDays(life, seed), 1_014).phase);
    expect(phases).toEqual(phases.map(() => 'watching'));
  });

  it.each([
    [lives[0], 20, 8],
    [lives[0], 200, 12],
    [lives[1], 20, 8],
    [lives[2], 20, 13],
    [lives[4], 20, 16],
  ])(
    'is found when shares move by a factor of e: %o on day %i, in %i days in the middle',
    (life, shiftedFrom, most) => {
      if (life === undefined) throw new Error('There is no such life.');
      const found = [1, 2, 3, 4, 5, 6, 7].map((seed) => daysUntilFound(life, seed, shiftedFrom)).sort((a, b) => a - b);
      expect(found[3]).toBeLessThanOrEqual(most);
      expect(found.at(-1)).toBeLessThanOrEqual(3 * most);
    },
  );

  it.each([
    [200, 0],
    [2_000, 0],
    [2_000, 1],
  ])('is seen against a data set of %i examples only when shares moved by a factor of e^%i', (examples, shift) => {
    const calm: Life = { name: 'calm', requests: 2_000, restless: 0.05, weekends: 0, cluster: 1 };
    const found = Array.from({ length: 40 }, (_, seed) => {
      let state = watchFrom(createDays({ ...calm, requests: examples, restless: 0 }, seed)(0));
      const days = createDays(calm, seed);
      for (let day = 0; day < (shift === 0 ? 400 : 20); day += 1)
        state = watchDay(state, day * dayMs, days(day, shift));
      return state.phase;
    });
    expect(found).toEqual(found.map(() => (shift === 0 ? 'watching' : 'drifted')));
  });

  it('has a reference after two weeks, and no sooner', () => {
    const days = createDays(lives[0] ?? fail(), 1);
    expect(watchDays(days, 13).phase).toBe('collecting');
    expect(watchDays(days, 14)).toMatchObject({ phase: 'watching', referenceDays: 14, tolerated: 0.018 });
  });

  it('tolerates what the days of a reference differ by among themselves', () => {
    const restless = watchDays(createDays(lives[2] ?? fail(), 1), 14);
    expect(restless.phase === 'watching' && restless.tolerated).toBeGreaterThan(0.018);
  });

  it('takes days with few requests together', () => {
    let state = watchDays(() => ({ a: 100, b: 100 }), 14);
    state = watchDay(state, 14 * dayMs, { a: 10, b: 150 });
    expect(state).toMatchObject({ evidence: { observations: 0 }, waiting: { day: 14 * dayMs } });
    state = watchDay(state, 15 * dayMs, { a: 10, b: 150 });
    expect(state).toMatchObject({ evidence: { observations: 1 }, lately: { a: 20, b: 300 } });
    expect(state).not.toHaveProperty('waiting');
  });

  it('folds bins that the reference does not know, so that what is kept has a bound', () => {
    const many = (offset: number): Counts =>
      Object.fromEntries(Array.from({ length: 500 }, (_, bin) => [`label ${offset + bin}`, 5 + (bin < 9 ? 50 : 0)]));
    let state = watchDays(() => many(0), 14);
    state = watchDay(state, 14 * dayMs, many(1_000));
    if (state.phase === 'collecting') throw new Error('There is no reference.');
    expect(Object.keys(state.reference)).toHaveLength(24);
    expect(Object.keys(state.lately)).toEqual(['other']);
    expect(JSON.stringify(state).length).toBeLessThan(8_000);
  });

  it('stays found, and remembers since when', () => {
    const state = watchDays((day) => (day < 20 ? { a: 500, b: 500 } : { a: 20, b: 980 }), 40);
    expect(state.phase === 'drifted' && state.driftedAt).toBeLessThan(30 * dayMs);
    expect(driftEvidence(state)).toBeGreaterThan(800);
    expect(watchDay(state, 40 * dayMs, { a: 500, b: 500 }).phase).toBe('drifted');
  });
});

function fail(): never {
  throw new Error('There is no such life.');
}
