import { describe, expect, it } from 'vitest';
import { createTraffic, habits, windowAt } from '../../test/usage-traffic.ts';
import type { Usage } from './usage.ts';
import { type AnomalyChange, type SubjectState, watchSubject } from './watch-subject.ts';

const windowsPerDay = 288;

const usageOf = (requests: number): Usage => ({ requests, errors: 0, tokens: requests * 100, latency: [0, requests] });

/** Watches windows of a model; undefined is silence, of which nothing is said. */
function watch(usages: readonly (number | undefined)[], before?: SubjectState, first = 0, knownSince = windowAt(0)) {
  let state = before;
  const changes: AnomalyChange[] = [];
  for (const [place, requests] of usages.entries()) {
    if (requests === undefined) continue;
    const window = { at: windowAt(first + place), usage: usageOf(requests) };
    const watched = watchSubject('model', state, window, knownSince, (measure) => `an_${first + place}_${measure}`);
    state = watched.state;
    changes.push(...watched.changes);
  }
  return { state, changes };
}

const repeat = (windows: number, requests: number | undefined) => Array.from({ length: windows }, () => requests);

describe('what is known of a subject', () => {
  it('takes less than five kilobytes, however long it is watched', () => {
    const traffic = createTraffic(habits[1] ?? fail(), 7);
    let state: SubjectState | undefined;
    for (let window = 0; window < 35 * windowsPerDay; window += 1) {
      const at = windowAt(window);
      ({ state } = watchSubject('key', state, { at, usage: traffic(at) }, windowAt(0), () => 'an'));
    }
    const text = JSON.stringify(state);
    expect(text.length).toBeGreaterThan(3_000);
    expect(text.length).toBeLessThan(5_000);
    expect(JSON.parse(text)).toEqual(state);
  });

  it('is the same whether silence is said or not', () => {
    const said = watch([...repeat(300, 40), ...repeat(200, 0), 40]).state;
    const unsaid = watch([...repeat(300, 40), ...repeat(200, undefined), 40]).state;
    const average = expect.closeTo(said?.measures.requests?.baseline.average ?? Number.NaN, 2);
    const baseline = { ...said?.measures.requests?.baseline, average };
    expect(unsaid?.measures.requests).toEqual({ ...said?.measures.requests, baseline });
  });

  it('learns nothing of a silence in which nobody watched', () => {
    const before = watch(repeat(300, 40)).state;
    const after = watch([40], before, 900, windowAt(900)).state;
    expect(after?.measures.requests?.baseline.average).toBeCloseTo(Math.log1p(4), 2);
  });
});

describe('what is told of a subject', () => {
  it('is nothing on the first two days', () => {
    expect(watch([...repeat(100, 10), 5_000, ...repeat(100, 10), 5_000]).changes).toEqual([]);
  });

  it('begins, goes further, and ends when it was calm for a quarter of an hour', () => {
    const { changes } = watch([...repeat(3 * windowsPerDay, 10), 700, 900, 800, ...repeat(5, 10)]);
    const first = 3 * windowsPerDay;
    expect(changes.map(({ change, measure, at }) => [change, measure, at])).toEqual([
      ['begun', 'requests', windowAt(first + 1)],
      ['furthered', 'requests', windowAt(first + 2)],
      ['ended', 'requests', windowAt(first + 6)],
    ]);
    expect(new Set(changes.map(({ anomaly }) => anomaly.id))).toEqual(new Set([`an_${first}_requests`]));
    expect(changes.at(-1)?.anomaly).toMatchObject({ value: 900, isPeak: true, since: windowAt(first) });
  });

  it('is usual after a day', () => {
    const { changes } = watch([...repeat(3 * windowsPerDay, 10), ...repeat(2 * windowsPerDay, 900)]);
    expect(changes.map(({ change }) => change)).toEqual(['begun', 'ended']);
    expect(changes[1]?.at).toBe(windowAt(4 * windowsPerDay + 1));
  });

  it('is also that a model gets much less than usual, once it has been known for two weeks', () => {
    const known = watch(repeat(15 * windowsPerDay, 400)).state;
    const { changes } = watch([400, 0, 0, 0], known, 15 * windowsPerDay);
    expect(changes).toMatchObject([
      { change: 'begun', measure: 'requests', anomaly: { direction: 'below', value: 0 } },
    ]);
    expect(changes[0]?.at).toBe(windowAt(15 * windowsPerDay + 3));
  });
});

function fail(): never {
  throw new Error('There is no such habit.');
}
