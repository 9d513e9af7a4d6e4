import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { exceedsShare } from './exceeds-share.ts';

describe('exceedsShare', () => {
  it('says so only of more than the share', () => {
    expect(exceedsShare(0, 0, 0.01, 1e-6)).toBe(false);
    expect(exceedsShare(10, 1_000, 0.01, 1e-6)).toBe(false);
    expect(exceedsShare(5, 5, 1, 1e-6)).toBe(false);
  });

  it.each([
    // n · KL(k/n ‖ share) against ln 10⁶ = 13.816, by hand
    [3, 3, 0.011, false],
    [3, 3, 0.0099, true],
    [4, 4, 0.01, true],
    [9, 100, 0.01, false],
    [10, 100, 0.01, true],
    [147, 10_000, 0.01, false],
    [160, 10_000, 0.01, true],
    [1, 1_000_000, 0, true],
  ])('of %d events in %d under a share of %d says %s', (events, trials, share, isMore) => {
    expect(exceedsShare(events, trials, share, 1e-6)).toBe(isMore);
  });

  it('is wrong no more often than it may be', () => {
    const random = seededRandom(1);
    let wrong = 0;
    for (let run = 0; run < 20_000; run += 1) {
      let events = 0;
      for (let trial = 0; trial < 50; trial += 1) events += random() < 0.1 ? 1 : 0;
      if (exceedsShare(events, 50, 0.1, 0.05)) wrong += 1;
    }
    expect(wrong).toBeGreaterThan(0);
    expect(wrong / 20_000).toBeLessThanOrEqual(0.05);
  });
});
