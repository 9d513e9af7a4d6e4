import { type PlainAnswer, toPlainForm } from './plain-answer.ts';

export interface Comparison {
  readonly agree: boolean;
  /** For vectors that can be compared: of the two that are least alike, −1 to 1. */
  readonly cosine?: number;
}

/**
 * Whether two answers to one request say the same: every label, the text in its plain form, or a cosine of at least
 * `minCosine` for every vector. Answers of different kinds, numbers or dimensions do not.
 */
export function compareAnswers(stable: PlainAnswer, candidate: PlainAnswer, minCosine: number): Comparison {
  if (stable.kind === 'text' && candidate.kind === 'text') {
    return { agree: toPlainForm(stable.text) === toPlainForm(candidate.text) };
  }
  if (stable.kind === 'labels' && candidate.kind === 'labels') {
    const { labels } = candidate;
    return {
      agree:
        stable.labels.length === labels.length &&
        stable.labels.every((label, index) => toPlainForm(label) === toPlainForm(labels[index] ?? '')),
    };
  }
  if (stable.kind === 'vectors' && candidate.kind === 'vectors') {
    const cosine = leastCosine(stable.vectors, candidate.vectors);
    return cosine === undefined ? { agree: false } : { agree: cosine >= minCosine, cosine };
  }
  return { agree: false };
}

function leastCosine(ones: readonly ArrayLike<number>[], others: readonly ArrayLike<number>[]): number | undefined {
  if (ones.length !== others.length || ones.length === 0) return undefined;
  let least = 1;
  for (const [index, one] of ones.entries()) {
    const cosine = cosineOf(one, others[index] ?? []);
    if (cosine === undefined) return undefined;
    least = Math.min(least, cosine);
  }
  return least;
}

/** @returns undefined where there is no angle: other dimensions, a vector of zeros, or what is no number */
function cosineOf(one: ArrayLike<number>, other: ArrayLike<number>): number | undefined {
  if (one.length !== other.length) return undefined;
  let dot = 0;
  let oneSquared = 0;
  let otherSquared = 0;
  for (let index = 0; index < one.length; index += 1) {
    const a = one[index] ?? 0;
    const b = other[index] ?? 0;
    dot += a * b;
    oneSquared += a * a;
    otherSquared += b * b;
  }
  const cosine = dot / Math.sqrt(oneSquared * otherSquared);
  return Number.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : undefined;
}
