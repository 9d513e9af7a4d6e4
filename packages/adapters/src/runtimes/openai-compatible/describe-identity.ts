import type { IdentityChange } from './upstream-version.ts';

/** In a clause, for people. What upstreams say of themselves is cut short. */
export function describeIdentityChange({ before, after }: Pick<IdentityChange, 'before' | 'after'>): string {
  return `${describe(before)} before, ${describe(after)} now`;
}

function describe({ model, systemFingerprint }: IdentityChange['before']): string {
  const name = model.slice(0, longest);
  return systemFingerprint === undefined ? name : `${name} ${systemFingerprint.slice(0, longest)}`;
}

const longest = 64;
