/** What keeps a client with one version: nothing, its key, the `user` field of its request, or a header of its own. */
export type Sticky = 'none' | 'key' | 'user' | `header:${string}`;

/**
 * Who gets a model's requests from one revision on. Immutable: every change is a new revision, so that what served at
 * any time can be told, and so that a request can be counted under the weight with which it was assigned.
 */
export interface Traffic {
  readonly model: string;
  /** 1, 2, 3, … for each model. */
  readonly revision: number;
  readonly stable: string;
  /** The version that is being tried, while there is one; with a weight of 0 only a pin reaches it. */
  readonly candidate?: string;
  /** Share of the requests that the candidate answers, from 0 to 1. */
  readonly weight: number;
  /** Share of the requests that stable answers and the candidate gets a copy of, from 0 to 1. */
  readonly shadow: number;
  readonly sticky: Sticky;
  /** Fresh for each rollout, so that no client is always among the first. Empty without a candidate. */
  readonly salt: string;
  /** The rollout that made it, if one did. */
  readonly rolloutId?: string;
  /** Who decided: `manifest`, `gate`, `controller`, or the prefix of the key that asked. */
  readonly decidedBy: string;
  /** Why, in a sentence. */
  readonly reason: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}
