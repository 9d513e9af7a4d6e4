/** How often each bin was seen. */
export type Counts = Readonly<Record<string, number>>;

export function countOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Bins that are not told apart. */
export const otherBin = 'other';

/** Folds all bins but those that are named into one. */
export function foldBins(counts: Counts, named: ReadonlySet<string>): Counts {
  const folded: Record<string, number> = {};
  for (const [bin, count] of Object.entries(counts)) {
    const kept = named.has(bin) ? bin : otherBin;
    folded[kept] = (folded[kept] ?? 0) + count;
  }
  return folded;
}

/** The bins that were seen the most. */
export function largestBins(counts: Counts, most: number): ReadonlySet<string> {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return new Set(sorted.slice(0, most).map(([bin]) => bin));
}

export function addCounts(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [bin, count] of Object.entries(other)) sum[bin] = (sum[bin] ?? 0) + count;
  return sum;
}

/** @returns what is left of a sum without one of its parts; bins that are empty then are left out */
export function takeCounts(sum: Counts, part: Counts): Counts {
  const left: Record<string, number> = {};
  for (const [bin, count] of Object.entries(sum)) {
    const rest = count - (part[bin] ?? 0);
    if (rest > 0) left[bin] = rest;
  }
  return left;
}

/**
 * The Jensen-Shannon divergence of two samples in bits, 0 (the same) to 1 (nothing in common), with what two samples of
 * the same distribution differ by on average taken off: (bins − 1)/8 · (1/n + 1/m) nats.
 * @see Lin 1991, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37(1); the mean by its
 *   expansion to the second order, in which 8 times the divergence is a chi-square
 */
export function jensenShannon(one: Counts, other: Counts): number {
  const n = countOf(one);
  const m = countOf(other);
  if (n === 0 || m === 0) return 0;
  const bins = new Set([...Object.keys(one), ...Object.keys(other)]);
  let nats = 0;
  for (const bin of bins) {
    const p = (one[bin] ?? 0) / n;
    const q = (other[bin] ?? 0) / m;
    const middle = (p + q) / 2;
    if (p > 0) nats += (p / 2) * Math.log(p / middle);
    if (q > 0) nats += (q / 2) * Math.log(q / middle);
  }
  const noise = ((bins.size - 1) / 8) * (1 / n + 1 / m);
  return Math.min(1, Math.max(0, (nats - noise) / Math.LN2));
}

/**
 * The population stability index Σ (q − p)·ln(q/p), as the field reports it: 0.1 is moderate, 0.25 is large. Half a
 * request in each bin keeps it finite where one of the samples has none.
 * @see Yurdakul and Naranjo 2020, "Statistical properties of the population stability index", J. Risk Model Validation 14(4)
 */
export function populationStabilityIndex(reference: Counts, lately: Counts): number {
  const bins = new Set([...Object.keys(reference), ...Object.keys(lately)]);
  const n = countOf(reference) + bins.size / 2;
  const m = countOf(lately) + bins.size / 2;
  let index = 0;
  for (const bin of bins) {
    const p = ((reference[bin] ?? 0) + 0.5) / n;
    const q = ((lately[bin] ?? 0) + 0.5) / m;
    index += (q - p) * Math.log(q / p);
  }
  return index;
}
