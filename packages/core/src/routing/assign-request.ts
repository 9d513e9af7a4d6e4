import type { Hash } from '../ports/hash.ts';
import type { CountedRequest, RolloutCounters } from '../rollouts/rollout-counters.ts';
import type { ShadowCopier, ShadowSample } from '../shadow/shadow-copier.ts';
import { assignVersion } from './assign-version.ts';
import type { Traffic } from './traffic.ts';

/** What assignment must know of a request. */
export interface AssignableRequest {
  readonly requestId: string;
  readonly key: { readonly id: string };
  /** The request's `user` field. */
  readonly user?: string | undefined;
  readonly stream: boolean;
  /** Looks a request header up by its lower-case name; absent where there are none. */
  header?(name: string): string | undefined;
}

/** That a rollout assigned a request: for its record, and for the gates. */
export interface RequestAssignment {
  readonly rolloutId: string;
  readonly trafficRevision: number;
  /** A hash, under sticky assignment. */
  readonly stickyKey?: string;
  /** While the rollout is open. */
  readonly counted?: CountedRequest;
  /** There when the request is copied to the candidate. */
  readonly shadow?: ShadowSample;
}

export interface AssignedRequest {
  readonly version: string;
  readonly assignment?: RequestAssignment;
}

export type AssignRequest = (traffic: Traffic, request: AssignableRequest) => AssignedRequest;

/**
 * Assigns requests that pin no version, and takes their places in the counters of the rollout that runs. Without one it
 * costs a comparison.
 */
export function createRequestAssigner(
  counters: RolloutCounters,
  hash: Hash,
  shadows?: Pick<ShadowCopier, 'sample'>,
): AssignRequest {
  return (traffic, request) => {
    const { rolloutId, stable, salt, revision } = traffic;
    if (rolloutId === undefined) return { version: stable };
    const { requestId, key, user, stream } = request;
    const { version, arm, stickyKey } = assignVersion(traffic, {
      requestId,
      keyId: key.id,
      ...(user === undefined ? {} : { user }),
      header: (name) => request.header?.(name),
    });
    const keyHash = stickyKey === undefined ? undefined : hash.sha256Hex(`${salt}/${stickyKey}`).slice(0, 32);
    const counted = traffic.candidate === undefined ? undefined : counters.begin(traffic, arm, stream, keyHash);
    const shadow = shadows?.sample(traffic, requestId, version);
    return {
      version,
      assignment: {
        rolloutId,
        trafficRevision: revision,
        ...(keyHash === undefined ? {} : { stickyKey: keyHash }),
        ...(counted === undefined ? {} : { counted }),
        ...(shadow === undefined ? {} : { shadow }),
      },
    };
  };
}
