import type { Asking } from '@scarmonit/adapters/process-channel/contract';
import type {
  AnswerHead,
  HandedRequest,
  PrimaryContract,
} from '@scarmonit/adapters/process-channel/http-process-contract';

/** Lets the primary's app answer a request, byte for byte, as it comes. */
export async function handOver(
  primary: Pick<Asking<PrimaryContract>, 'stream'>,
  request: Request,
  maxBodyBytes: number,
): Promise<Response> {
  const handed: HandedRequest = {
    method: request.method,
    url: request.url,
    headers: [...request.headers],
    body: await readBody(request, maxBodyBytes),
  };
  const pieces = primary.stream('handOver', handed, request.signal);
  const first = await pieces.next();
  const { status, headers } = first.value as AnswerHead;
  const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  if (!hasBody) await pieces.return?.();
  return new Response(hasBody ? toBody(pieces) : null, init);
}

/** The body, or what shows that it is too large: then the primary's app says so. */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const reader = request.body?.getReader();
  if (reader === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    bytes += piece.value.byteLength;
    if (bytes > maxBytes) break;
  }
  void reader.cancel().catch(() => undefined);
  return Buffer.concat(pieces);
}

function toBody(pieces: AsyncIterableIterator<AnswerHead | Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value as Uint8Array);
    },
    cancel: async () => {
      await pieces.return?.();
    },
  });
}
