import type { ChatCompletionChunk } from '@scarmonit/protocol/openai/chat-completion';
import { readServerSentEvents } from './read-server-sent-events.ts';
import { readErrorBody, ScarmonitApiError } from './scarmonit-api-error.ts';

/**
 * The chunks of a streamed chat completion, as they arrive. Ending the iteration early closes the connection, which
 * cancels the work on the server.
 * @throws ScarmonitApiError for an error inside the stream, and `stream_broken` for one that ends without `[DONE]`
 */
export async function* readChatStream(response: Response): AsyncGenerator<ChatCompletionChunk> {
  const details = { status: response.status, requestId: response.headers.get('x-request-id') ?? undefined };
  for await (const { data } of readServerSentEvents(iterateBody(response))) {
    if (data === '[DONE]') return;
    const error = readErrorBody(data, details);
    if (error !== undefined) throw error;
    // Chunks are not checked one by one: they are many, and the first wrong one fails where it is used.
    yield JSON.parse(data) as ChatCompletionChunk;
  }
  throw new ScarmonitApiError('The answer broke off before its end. Try again.', { ...details, code: 'stream_broken' });
}

/** The bytes of an answer as they arrive. Browsers' streams are not all iterable yet, hence by hand. */
export async function* iterateBody(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
