/** What the choice looks at. `credit` is the chooser's own memory. */
export interface Choosable {
  readonly weight: number;
  readonly inFlight: number;
  credit: number;
}

/**
 * The target for the next request: by weight, or with the fewest requests in flight (among equals by weight).
 * @param candidates those that may be asked now
 * @returns undefined when there are none
 */
export function chooseTarget<Target extends Choosable>(
  candidates: readonly Target[],
  balance: 'weighted' | 'least-busy',
): Target | undefined {
  if (candidates.length < 2 || balance === 'weighted') return chooseByWeight(candidates);
  const fewest = Math.min(...candidates.map(({ inFlight }) => inFlight));
  return chooseByWeight(candidates.filter(({ inFlight }) => inFlight === fewest));
}

/**
 * Smooth weighted round robin, as nginx does it: with weights 5, 1, 1 the order is a a b a c a a, and not five times a.
 * https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
function chooseByWeight<Target extends Choosable>(candidates: readonly Target[]): Target | undefined {
  let chosen: Target | undefined;
  let total = 0;
  for (const candidate of candidates) {
    candidate.credit += candidate.weight;
    total += candidate.weight;
    if (chosen === undefined || candidate.credit > chosen.credit) chosen = candidate;
  }
  if (chosen !== undefined) chosen.credit -= total;
  return chosen;
}
