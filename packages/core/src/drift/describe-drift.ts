import type { KnownDrift } from '../ports/drift-repository.ts';
import { countOf } from './divergence.ts';
import { referenceDaysNeeded } from './drift-watch.ts';

const subjects: Readonly<Record<string, string>> = {
  'input-tokens': 'the lengths of inputs',
  'output-tokens': 'the lengths of answers',
  label: 'what it says',
  script: 'the writing systems of inputs',
};

/** How a distribution compares with its reference, and what moved the most; one sentence for people. */
export function describeDrift({ model, version, feature, state }: KnownDrift): string {
  const what = subjects[feature] ?? 'where embeddings point';
  const name = `${model} ${version}`;
  if (state.phase === 'collecting') {
    return `${name}: collecting a reference of ${what}, ${state.days.length} of ${referenceDaysNeeded} days so far`;
  }
  if (state.psi === undefined) return `${name}: there is a reference of ${what}, and no day to compare with it yet`;
  const than = state.referenceDays === 0 ? 'in the data set' : 'before';
  const index = `population stability index ${state.psi.toFixed(2)}`;
  if (state.phase === 'watching') return `${name}: no drift in ${what} (${index})`;
  const [bin, before, after] = mostChanged(state.reference, state.lately);
  return `${name}: drift in ${what} (${index}), most of all in ${bin}: ${percent(before)} ${than}, ${percent(after)} lately`;
}

function mostChanged(
  reference: Readonly<Record<string, number>>,
  lately: Readonly<Record<string, number>>,
): readonly [bin: string, before: number, after: number] {
  const all = countOf(reference);
  const some = countOf(lately);
  const shares = [...new Set([...Object.keys(reference), ...Object.keys(lately)])].map((bin) => {
    return [bin, (reference[bin] ?? 0) / all, (lately[bin] ?? 0) / some] as const;
  });
  const change = ([, before, after]: readonly [string, number, number]): number => Math.abs(after - before);
  return shares.reduce((most, next) => (change(next) > change(most) ? next : most));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
