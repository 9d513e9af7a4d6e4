import { hashToUnit } from './hash-unit.ts';
import type { Sticky, Traffic } from './traffic.ts';

/** What lots may be drawn over; which one, the traffic says. */
export interface AssignmentKeys {
  readonly requestId: string;
  readonly keyId: string;
  /** The request's `user` field. */
  readonly user?: string;
  /** Looks a request header up; lower-case names. */
  header(name: string): string | undefined;
}

export interface AssignedVersion {
  readonly version: string;
  readonly arm: 'stable' | 'candidate';
  /** What keeps the client with its version, under sticky assignment. */
  readonly stickyKey?: string;
}

/**
 * Draws lots for a request: the same one for the same key as long as the salt and the weight stay, and a key that got the
 * candidate keeps it when the weight rises. Does no I/O. A sticky key that a request lacks is replaced by its API key.
 */
export function assignVersion(traffic: Traffic, keys: AssignmentKeys): AssignedVersion {
  const { stable, candidate, weight, sticky, salt } = traffic;
  if (candidate === undefined || weight === 0) return { version: stable, arm: 'stable' };
  const stickyKey = stickyKeyOf(sticky, keys);
  const takesCandidate = weight === 1 || hashToUnit(`${salt}/${stickyKey ?? keys.requestId}`) < weight;
  return {
    ...(takesCandidate ? { version: candidate, arm: 'candidate' } : { version: stable, arm: 'stable' }),
    ...(stickyKey === undefined ? {} : { stickyKey }),
  };
}

function stickyKeyOf(sticky: Sticky, keys: AssignmentKeys): string | undefined {
  if (sticky === 'none') return undefined;
  if (sticky === 'user') return keys.user ?? keys.keyId;
  if (sticky === 'key') return keys.keyId;
  return keys.header(sticky.slice('header:'.length).toLowerCase()) ?? keys.keyId;
}
