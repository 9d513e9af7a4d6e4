import type { TrafficView } from '@scarmonit/protocol/admin/rollout';

/** The candidate's share from a time on. */
export interface Stair {
  readonly from: number;
  readonly to: number;
  /** 0…1. */
  readonly weight: number;
}

/**
 * How a rollout's candidate was let in, from the traffic's revisions, newest first. The candidate that became stable has
 * everything.
 * @param end the last stair's end, milliseconds since the Unix epoch
 */
export function toStaircase(
  traffic: readonly TrafficView[],
  { id, to }: { readonly id: string; readonly to: string },
  end: number,
): readonly Stair[] {
  const own = traffic.filter(({ rolloutId }) => rolloutId === id).reverse();
  return own.map(({ createdAt, candidate, weight, stable }, index) => ({
    from: createdAt,
    to: own[index + 1]?.createdAt ?? end,
    weight: stable === to ? 1 : candidate === to ? weight : 0,
  }));
}
