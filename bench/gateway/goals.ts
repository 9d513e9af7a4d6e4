import type { Samples } from './samples.ts';

/** What the gateway is to reach. A figure is the median of the rounds' ratios or differences, not of absolute values. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly unit: string;
  readonly samples: readonly number[];
  isMet(median: number): boolean;
}

/** Compares what was measured within the same round, where the machine was as busy for both. */
export function listGoals(samples: Samples): readonly Goal[] {
  const ratio = (what: string, peer: string): readonly number[] =>
    pairwise(samples.get(what, 'scarmonit'), samples.get(what, peer), (ours, theirs) => ours / theirs);
  const difference = (what: string, peer: string): readonly number[] =>
    pairwise(samples.get(what, 'scarmonit'), samples.get(what, peer), (ours, theirs) => ours - theirs);
  const atLeast = (what: string, least: number, values: readonly number[]): Goal => ({
    what,
    goal: `≥ ${least}`,
    unit: '×',
    samples: values,
    isMet: (median) => median >= least,
  });
  const atMost = (what: string, most: number, unit: string, values: readonly number[]): Goal => ({
    what,
    goal: `≤ ${most}`,
    unit,
    samples: values,
    isMet: (median) => median <= most,
  });
  const goals = [
    atLeast("JSON requests/s over Portkey's", 6, ratio('JSON requests/s', 'portkey')),
    atLeast("streams/s over Portkey's", 5, ratio('streams/s', 'portkey')),
    atLeast("JSON requests/s over the bare proxy's", 0.6, ratio('JSON requests/s', 'bare proxy')),
    atMost('JSON, 1 connection, added to the bare proxy', 0.5, 'ms', difference('JSON ms', 'bare proxy')),
    atMost('first chunk, 1 connection, added to the bare proxy', 1, 'ms', difference('first chunk ms', 'bare proxy')),
    atMost('memory after 10,000 requests', 200, 'MB', samples.get('memory MB after 10,000 requests', 'scarmonit')),
    atMost('memory after 100,000 requests', 200, 'MB', samples.get('memory MB after 100,000 requests', 'scarmonit')),
    atMost(
      'memory after 100,000 requests over 10,000',
      1.2,
      '×',
      pairwise(
        samples.get('memory MB after 100,000 requests', 'scarmonit'),
        samples.get('memory MB after 10,000 requests', 'scarmonit'),
        (later, earlier) => later / earlier,
      ),
    ),
  ];
  return goals.filter((goal) => goal.samples.length > 0);
}

function pairwise(
  left: readonly number[],
  right: readonly number[],
  combine: (left: number, right: number) => number,
): readonly number[] {
  return left.flatMap((value, index) => {
    const other = right[index];
    return other === undefined ? [] : [combine(value, other)];
  });
}
