import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

/** Whether the server's events arrive, and when the last sign of life was seen (milliseconds since the Unix epoch). */
export interface LiveState {
  readonly status: 'connecting' | 'live' | 'lost';
  readonly changedAt: number | undefined;
}

let state: LiveState = { status: 'connecting', changedAt: undefined };
const watchers = new Set<() => void>();

function update(next: LiveState): void {
  state = next;
  for (const tell of watchers) tell();
}

/** How the line to the server is. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => state,
  );
}

/** Figures are sums over many requests: they are asked for again this long after the first that moved them. */
const figuresDelayMs = 3000;

/** Answers become old when the server says so: one connection for the whole portal, and none while nobody looks. */
export function useFollowChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource | undefined;
    let figuresTimer: ReturnType<typeof setTimeout> | undefined;
    const makeOld = (topics: readonly string[]): Promise<void> =>
      client.invalidateQueries({
        predicate: ({ queryKey: [subjects] }) =>
          typeof subjects === 'string' && subjects.split(' ').some((subject) => topics.includes(subject)),
      });
    const open = (): void => {
      source = new EventSource('/api/admin/events');
      let isFirst = true;
      source.onopen = () => {
        update({ ...state, status: 'live' });
        // What happened while the line was down.
        if (!isFirst || state.changedAt !== undefined) void client.invalidateQueries();
        isFirst = false;
      };
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const { topics } = JSON.parse(data) as { readonly topics: readonly string[] };
        update({ status: 'live', changedAt: Date.now() });
        void makeOld(topics);
        if (!topics.includes('requests')) return;
        figuresTimer ??= setTimeout(() => {
          figuresTimer = undefined;
          void makeOld(['figures']);
        }, figuresDelayMs);
      };
      source.onerror = () => update({ ...state, status: 'lost' });
    };
    const close = (): void => {
      clearTimeout(figuresTimer);
      figuresTimer = undefined;
      source?.close();
      source = undefined;
    };
    const follow = (): void => {
      if (document.visibilityState === 'visible') {
        if (source === undefined) open();
      } else {
        close();
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      close();
    };
  }, [client]);
}
