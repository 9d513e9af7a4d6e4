import { describe, expect, it } from 'vitest';
import { type KeySighting, noFacts, type RolloutFacts } from './facts.ts';
import { countKeys, mergeFacts, subtractFacts } from './merge-facts.ts';

const facts = (worse: number, better: number, same: number, crashes: number): RolloutFacts => ({
  ...noFacts,
  pairs: { worse, better, same },
  crashes,
});
const sighting = (key: string, happened: boolean, revision = 1): KeySighting => ({
  revision,
  weight: 0.5,
  arm: 'candidate',
  event: 'error',
  happened,
  key,
});

describe('facts', () => {
  it('of two sources are the sum of both, and what was added is their difference', () => {
    const [older, added] = [facts(1, 20, 300, 4_000), facts(50_000, 600_000, 7_000_000, 80_000_000)];
    const sum = mergeFacts(older, added);
    expect(sum).toEqual(facts(50_001, 600_020, 7_000_300, 80_004_000));
    expect(subtractFacts(sum, older)).toEqual(added);
  });
});

describe('keys', () => {
  it('count once as exposed and once as hit, where each was first seen', () => {
    const sightings = [
      sighting('a', false),
      sighting('a', false, 2),
      sighting('a', true, 2),
      sighting('a', true, 3),
      sighting('b', false),
    ];
    const row = { weight: 0.5, arm: 'candidate', event: 'error', unit: 'key' };
    expect(countKeys(sightings)).toEqual([
      { ...row, revision: 1, exposed: 2, events: 0 },
      { ...row, revision: 2, exposed: 0, events: 1 },
    ]);
  });
});
