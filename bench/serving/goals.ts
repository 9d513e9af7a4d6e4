import type { Goal } from '../gateway/goals.ts';
import type { Samples } from '../gateway/samples.ts';

/** What serving embeddings is to reach. Compared within rounds, in which the machine was as busy for both. */
export function listGoals(samples: Samples): readonly Goal[] {
  const compare = (
    [what, whose]: readonly [string, string],
    [otherWhat, otherWhose]: readonly [string, string],
    combine: (value: number, other: number) => number,
  ): readonly number[] => {
    const others = samples.get(otherWhat, otherWhose);
    return samples.get(what, whose).map((value, round) => combine(value, others[round] ?? Number.NaN));
  };
  const ratio = (value: number, other: number): number => value / other;
  return [
    {
      what: 'texts/s, 64 clients, over batches of 64 directly',
      goal: '≥ 0.8',
      unit: '×',
      samples: compare(['texts/s, 64 clients', 'scarmonit'], ['texts/s, 64 clients', 'direct'], ratio),
      isMet: (median) => median >= 0.8,
    },
    {
      what: 'one text, 1 client, added to a direct call',
      goal: '≤ 2',
      unit: 'ms',
      samples: compare(['one text, ms', 'scarmonit'], ['one text, ms', 'direct'], (ours, direct) => ours - direct),
      isMet: (median) => median <= 2,
    },
    {
      what: "the gateway's p99 under embedding load over without",
      goal: '≤ 2',
      unit: '×',
      samples: compare(
        ['gateway p99 ms while 64 clients embed', 'scarmonit'],
        ['gateway p99 ms alone', 'scarmonit'],
        ratio,
      ),
      isMet: (median) => median <= 2,
    },
  ];
}
