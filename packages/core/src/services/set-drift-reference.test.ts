import { expect, it } from 'vitest';
import { describeDrift } from '../drift/describe-drift.ts';
import { unknownDrift, watchDay } from '../drift/drift-watch.ts';
import { dayMs } from '../metrics/windows.ts';
import type { DriftCount, DriftRepository, KnownDrift } from '../ports/drift-repository.ts';
import { setDriftReference } from './set-drift-reference.ts';
import { judgeDays } from './watch-drift.ts';

const today = 20_000 * dayMs;

/** A store in memory, of one model. */
function open(before: readonly KnownDrift[] = []) {
  const known = new Map(before.map((one) => [`${one.version} ${one.feature}`, one]));
  const counts: DriftCount[] = [];
  const drifted: KnownDrift[] = [];
  let now = today + 5_000;
  const repository: DriftRepository = {
    add: async (_, added) => void counts.push(...added),
    listCounts: async (_, dayBefore) => counts.filter(({ day }) => day < dayBefore),
    list: async () => [...known.values()],
    save: async (_, saved) => {
      for (const one of saved) known.set(`${one.version} ${one.feature}`, one);
      counts.length = 0;
    },
    forget: async () => 0,
  };
  const clock = { now: () => now };
  return {
    known,
    drifted,
    set: (examples: readonly object[], version = '1.0.0') =>
      setDriftReference({ repository, clock }, 'default', { model: 'mood', version, task: 'classification', examples }),
    passDay: async (good: number, bad: number) => {
      const of = { model: 'mood', version: '1.0.0', feature: 'label', day: Math.floor(now / dayMs) * dayMs };
      await repository.add('default', [
        { ...of, bin: 'good', requests: good },
        { ...of, bin: 'bad', requests: bad },
      ]);
      now += dayMs + 600_000;
      await judgeDays({ repository, projectId: 'default', clock, onDrifted: (some) => void drifted.push(...some) });
    },
  };
}

const labelled = (good: number, bad: number) => [
  ...Array.from({ length: good }, () => ({ output: 'good' })),
  ...Array.from({ length: bad }, () => ({ output: 'bad' })),
];

it('compares today already, and is quiet while answers are like the data set', async () => {
  const { set, passDay, known, drifted } = open();
  expect(await set(labelled(250, 250))).toEqual([{ feature: 'label', examples: 500, isReference: true }]);
  for (let day = 0; day < 30; day += 1) await passDay(505, 495);
  expect(drifted).toEqual([]);
  expect(known.get('1.0.0 label')?.state).toMatchObject({ phase: 'watching', evidence: { observations: 30 } });
});

it('tells of answers that are not', async () => {
  const { set, passDay, drifted } = open();
  await set(labelled(250, 250));
  for (let day = 0; day < 15; day += 1) await passDay(900, 100);
  expect(drifted.map((one) => describeDrift(one))).toEqual([
    'mood 1.0.0: drift in what it says (population stability index 0.88), most of all in good: 50 % in the data set, 90 % lately',
  ]);
});

it('takes the place of what was the reference, in what it says enough of', async () => {
  const name = { model: 'mood', version: '1.0.0', lastDay: today - 3 * dayMs };
  const script = { ...name, feature: 'script', state: watchDay(unknownDrift, today, { latin: 9 }) };
  const label = { ...name, feature: 'label', state: watchDay(unknownDrift, today, { good: 9 }), lastDay: today };
  const { set, known } = open([script, label]);
  const few = Array.from({ length: 30 }, () => ({ input: 'hello' }));
  expect(await set([...labelled(200, 0), ...few])).toEqual([
    { feature: 'label', examples: 200, isReference: true },
    { feature: 'script', examples: 30, isReference: false },
  ]);
  expect(known.get('1.0.0 script')).toEqual(script);
  expect(known.get('1.0.0 label')).toMatchObject({
    state: { phase: 'watching', reference: { good: 200 } },
    lastDay: today,
  });
});

it('refuses a data set that says too little, and changes nothing', async () => {
  const { set, known } = open();
  await expect(set(labelled(100, 99))).rejects.toMatchObject({
    kind: 'invalid_request',
    message: expect.stringContaining('these have label: 199'),
  });
  await expect(set([{}])).rejects.toMatchObject({ message: expect.stringContaining('these have none') });
  expect(known.size).toBe(0);
});
