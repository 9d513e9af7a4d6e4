import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { useEffect, useState } from 'react';
import type { GatePoint } from './read-gate-points.ts';

const most = 2000;

/** The evidence of each gate as it was seen while the page was open: the server tells only what it is now. */
export function useSeenPoints(
  detail: RolloutDetailView | undefined,
  seenAt: number,
): ReadonlyMap<string, readonly GatePoint[]> {
  const [points, setPoints] = useState<ReadonlyMap<string, readonly GatePoint[]>>(new Map());
  useEffect(() => {
    if (detail === undefined) return;
    setPoints(
      (before) =>
        new Map(
          detail.gates.map(({ id, logE }) => [id, [...(before.get(id) ?? []), { at: seenAt, logE }].slice(-most)]),
        ),
    );
  }, [detail, seenAt]);
  return points;
}
