import type { PredictionPage, PredictionView } from '@scarmonit/protocol/admin/prediction';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { requestPage, requestsQuery } from '../../api/queries.ts';
import type { RequestQuery } from './filter-requests.ts';

const pageLength = 100;

/** Requests that stand still: what is new waits until it is asked for, or until nobody reads. */
export function useStillRequests(query: RequestQuery, isReading: boolean) {
  const newest = useQuery(requestsQuery(pageLength, query));
  const [shown, setShown] = useState<PredictionPage>();
  const waiting = countNewer(newest.data?.data ?? [], shown?.data[0]?.id);
  const showNew = (): void => setShown(newest.data);
  useEffect(() => {
    if (newest.data !== undefined && (shown === undefined || !isReading)) setShown(newest.data);
  }, [newest.data, shown, isReading]);
  const older = useMutation({
    mutationFn: (before: string) => requestPage(pageLength, before, query),
    onSuccess: (page) => setShown({ data: [...(shown?.data ?? []), ...page.data], nextBefore: page.nextBefore }),
  });
  const nextBefore = shown?.nextBefore ?? null;
  return {
    newest,
    rows: shown?.data ?? [],
    waiting,
    showNew,
    isLoadingOlder: older.isPending,
    loadOlder: nextBefore === null ? undefined : () => older.mutate(nextBefore),
  };
}

/** Ids sort by time. */
function countNewer(requests: readonly PredictionView[], id: string | undefined): number {
  return id === undefined ? 0 : requests.filter((request) => request.id > id).length;
}
