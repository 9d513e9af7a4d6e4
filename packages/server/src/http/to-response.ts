import type { Answer, PiecewiseBody } from './answer.ts';

const utf8 = new TextEncoder();

/**
 * An answer for hosts that speak `Response`. A plain record of headers is the cheapest way through Hono and its Node
 * server; a header that is set later would have the whole answer copied.
 */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(typeof body === 'string' ? body : toByteStream(body), { status, headers });
}

/** Holds nothing ahead of the reader: a piece is made when it is read. */
export function toByteStream(body: PiecewiseBody): ReadableStream<Uint8Array> {
  let cancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const text = await body.read();
        if (cancelled) return;
        controller.enqueue(utf8.encode(text));
        if (body.ended) controller.close();
      },
      cancel: () => {
        cancelled = true;
        return body.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
