import { createHttpTransport, type HttpCall } from '@scarmonit/client/http-transport';
import { fetchOrTakeEarly } from './early-answers.ts';

const http = createHttpTransport({
  baseUrl: location.origin,
  // The session's cookie says who asks.
  apiKey: undefined,
  fetch: (url, init = {}) => fetchOrTakeEarly(String(url), init),
});

/** Sends a request. @throws ScarmonitApiError, ScarmonitUnreachableError */
export function send(call: HttpCall): Promise<Response> {
  return http.send(call);
}

/**
 * Asks for JSON. The portal comes from the server that it asks, so its answers have the shape that was agreed on; checking
 * them here would double what a browser must load.
 */
export async function ask<Answer>(call: HttpCall): Promise<Answer> {
  const response = await http.send(call);
  return (await response.json()) as Answer;
}

/** Reads JSON from a path. */
export function read<Answer>(path: string, query?: HttpCall['query'], signal?: AbortSignal): Promise<Answer> {
  return ask({ method: 'GET', path, ...(query === undefined ? {} : { query }), signal });
}
