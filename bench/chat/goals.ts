import type { Goal } from '../gateway/goals.ts';
import type { Samples } from '../gateway/samples.ts';
import type { Way } from './start-answerers.ts';

/** Compared within rounds, where the machine was as busy for both. */
export function listGoals(samples: Samples, clientCounts: readonly number[]): readonly Goal[] {
  const ratios = (what: string, way: Way): readonly number[] =>
    samples.get(what, way).flatMap((value, round) => {
      const reference = samples.get(what, 'llama-server')[round];
      return reference === undefined ? [] : [value / reference];
    });
  const atLeast = (what: string, way: Way, least: number): Goal => ({
    what: `${what}, ${way} over llama-server`,
    goal: `≥ ${least}`,
    unit: '×',
    samples: ratios(what, way),
    isMet: (median) => median >= least,
  });
  const atMost = (what: string, way: Way, most: number): Goal => ({
    what: `${what}, ${way} over llama-server`,
    goal: `≤ ${most}`,
    unit: '×',
    samples: ratios(what, way),
    isMet: (median) => median <= most,
  });
  return clientCounts.flatMap((clients) => [
    atLeast(throughputOf(clients), 'native', 0.95),
    atLeast(throughputOf(clients), 'prebuilt', 0.85),
    atMost(firstTokenOf(clients), 'native', 1.2),
  ]);
}

export function throughputOf(clients: number): string {
  return `tokens/s, ${clients} at once`;
}

export function firstTokenOf(clients: number): string {
  return `first token ms, ${clients} at once`;
}
