import { expect, it } from 'vitest';
import { dayMs } from '../metrics/windows.ts';
import { describeDrift } from './describe-drift.ts';
import { type DriftState, unknownDrift, watchDay } from './drift-watch.ts';

const describeState = (state: DriftState, feature = 'label') =>
  describeDrift({ model: 'mood', version: '1.0.0', feature, state, lastDay: 0 });

it('says what is known, from the first day to drift', () => {
  let state = watchDay(unknownDrift, 0, { good: 500, bad: 500 });
  expect(describeState(state)).toBe('mood 1.0.0: collecting a reference of what it says, 1 of 14 days so far');
  for (let day = 1; day < 14; day += 1) state = watchDay(state, day * dayMs, { good: 500, bad: 500 });
  expect(describeState(state)).toBe(
    'mood 1.0.0: there is a reference of what it says, and no day to compare with it yet',
  );
  state = watchDay(state, 14 * dayMs, { good: 505, bad: 495 });
  expect(describeState(state, 'output-tokens')).toBe(
    'mood 1.0.0: no drift in the lengths of answers (population stability index 0.00)',
  );
  for (let day = 15; day < 40; day += 1) state = watchDay(state, day * dayMs, { good: 100, bad: 500, new: 400 });
  expect(describeState(state, 'embedding-2')).toMatch(
    /^mood 1\.0\.0: drift in where embeddings point \(population stability index \d+\.\d\d\), most of all in \w+: /,
  );
  expect(describeState(state)).toContain('in good: 50 % before, 10 % lately');
});
