import type { Topic } from '@scarmonit/core/ports/change-repository';
import type { ChangeWatch } from '@scarmonit/core/sessions/watch-changes';
import { type ChangeEvent, changeEventSchema } from '@scarmonit/protocol/admin/session';
import type { PortalOptions } from '../app-parts.ts';
import { answerHeaders } from '../http/answer.ts';
import { toByteStream } from '../http/to-response.ts';
import type { Route } from '../route.ts';
import { ChangeStream } from './change-stream.ts';

/** Proxies close what is silent for a minute. */
const heartbeatMs = 15_000;
/** A session or key that has ended is noticed when the browser comes back. */
const longestMs = 10 * 60_000;

/** Tells what has changed, at most once a second, so that nobody has to ask. */
export function createEventsRoute({ changes }: PortalOptions): Route {
  return {
    method: 'GET',
    path: '/api/admin/events',
    access: 'read',
    limited: false,
    operation: {
      id: 'streamChanges',
      summary: 'Server-sent events that name what has changed since the one before.',
      tag: 'Admin',
      answer: { status: 200, events: { ChangeEvent: changeEventSchema } },
    },
    handle(c, parts) {
      const stream = new ChangeStream({ heartbeatMs, longestMs });
      const stop = watchInto(changes, c.get('key').projectId, stream);
      stream.onEnd(stop);
      c.req.raw.signal.addEventListener('abort', () => void stream.cancel(), { once: true });
      const headers = {
        ...answerHeaders(c, parts),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      };
      return new Response(toByteStream(stream), { headers });
    },
  };
}

function watchInto(changes: ChangeWatch, projectId: string, stream: ChangeStream): () => void {
  return changes.watch(projectId, {
    changed: (topics: readonly Topic[]) =>
      stream.push(`data: ${JSON.stringify({ topics: [...topics] } satisfies ChangeEvent)}\n\n`),
    closed: () => void stream.cancel(),
  });
}
