import { describe, expect, it } from 'vitest';
import { createTraffic, type Habit, habits, windowAt } from '../../test/usage-traffic.ts';
import { MeasureWatch } from './measure-watch.ts';
import { type Measure, measures } from './measures.ts';
import type { SubjectKind, Usage } from './usage.ts';

const windowsPerWeek = 2_016;
const weeks = 8;
const seeds = [1, 2, 3, 4];
const plantedSeeds = [1, 2];

interface Begun {
  readonly measure: Measure;
  readonly window: number;
  readonly value: number;
  readonly usual: number;
}

/** What begins for a key, or a model, of a habit, whose usage is changed from some window on. */
function watchWeeks(
  kind: SubjectKind,
  habit: Habit,
  seed: number,
  windows: number,
  change: (usage: Usage, window: number) => Usage = (usage) => usage,
): readonly Begun[] {
  const traffic = createTraffic(habit, seed);
  const watches = measures.map((measure) => ({
    measure,
    watch: new MeasureWatch(kind, measure, undefined, () => 'an'),
  }));
  const begun: Begun[] = [];
  for (let window = 0; window < windows; window += 1) {
    const at = windowAt(window);
    const usage = change(traffic(at), window);
    for (const { measure, watch } of watches) {
      const judged = watch.watch(at, usage);
      if (judged?.change !== 'begun' || judged.anomaly === undefined) continue;
      begun.push({ measure, window, value: judged.anomaly.value, usual: judged.anomaly.usual });
    }
  }
  return begun;
}

describe('false alarms', () => {
  it.each(habits)('tells less than one anomaly of a healthy key in eight weeks: $name', (habit) => {
    const begun = seeds.flatMap((seed) => watchWeeks('key', habit, seed, weeks * windowsPerWeek));
    expect(begun.length).toBeLessThanOrEqual(seeds.length);
  });

  it.each(habits.slice(0, 2))('tells none of a model, of which less than usual is told too: $name', (habit) => {
    expect(plantedSeeds.flatMap((seed) => watchWeeks('model', habit, seed, weeks * windowsPerWeek))).toEqual([]);
  });
});

describe('planted anomalies', () => {
  const plantedAt = 5 * windowsPerWeek + 700;

  const find = (habit: Habit | undefined, change: (usage: Usage) => Usage, measure: Measure) => {
    if (habit === undefined) throw new Error('There is no such habit.');
    return plantedSeeds.map((seed) => {
      const planted = (usage: Usage, window: number) => (window >= plantedAt ? change(usage) : usage);
      const begun = watchWeeks('key', habit, seed, plantedAt + 6, planted);
      return begun.find((one) => one.measure === measure && one.window >= plantedAt)?.window;
    });
  };

  it('finds forty times the requests in the first five minutes', () => {
    const found = find(habits[0], (usage) => ({ ...usage, requests: usage.requests * 40 }), 'requests');
    expect(found).toEqual(plantedSeeds.map(() => plantedAt));
  });

  it('finds sixteen times the requests of a key with steep days', () => {
    const found = find(habits[1], (usage) => ({ ...usage, requests: usage.requests * 16 }), 'requests');
    expect(found).toEqual(plantedSeeds.map(() => plantedAt));
  });

  it('finds errors of every third request', () => {
    const found = find(habits[0], (usage) => ({ ...usage, errors: Math.ceil(usage.requests / 3) }), 'errors');
    expect(found).toEqual(plantedSeeds.map(() => plantedAt));
  });

  it('finds requests that are ten times as long', () => {
    const found = find(habits[0], (usage) => ({ ...usage, tokens: usage.tokens * 10 }), 'tokens');
    expect(found).toEqual(plantedSeeds.map(() => plantedAt));
  });

  it('finds answers that take eight times as long, once they have for ten minutes', () => {
    const slower = (usage: Usage): Usage => ({ ...usage, latency: [0, 0, 0, 0, 0, 0, ...usage.latency] });
    expect(find(habits[0], slower, 'latency')).toEqual(plantedSeeds.map(() => plantedAt + 1));
  });
});
