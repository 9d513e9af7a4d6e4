import type { SendOtlp } from '@scarmonit/core/telemetry/export-telemetry';
import { readRetryAfter } from '@scarmonit/core/upstream/read-retry-after';

/** Sends telemetry by the platform's `fetch`: the same on Node and on Workers. */
export const sendOtlpByFetch: SendOtlp = async ({ url, headers, timeoutMs, isCompressed }, json) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: isCompressed ? await compress(json) : json,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  // Read to its end, so that the connection serves again. What the receiver says in it is of no use here.
  await response.arrayBuffer();
  const retryAfter = response.headers.get('retry-after');
  return {
    status: response.status,
    retryAfterMs: retryAfter === null ? undefined : readRetryAfter({ 'retry-after': retryAfter }, Date.now()),
  };
};

async function compress(text: string): Promise<ArrayBuffer> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
