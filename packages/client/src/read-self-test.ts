import { type SelfTestEvent, selfTestEventSchema } from '@scarmonit/protocol/admin/self-test';
import { iterateBody } from './read-chat-stream.ts';
import { readServerSentEvents } from './read-server-sent-events.ts';
import { readErrorBody, ScarmonitApiError } from './scarmonit-api-error.ts';

/**
 * What a self-test says, as it arrives; the last word is its report. Ending the iteration early ends the self-test.
 * @throws ScarmonitApiError for what it failed with, `unexpected_answer` for words that this client does not know, and
 *   `stream_broken` when it ends without a report
 */
export async function* readSelfTest(response: Response): AsyncGenerator<SelfTestEvent> {
  const details = { status: response.status, requestId: response.headers.get('x-request-id') ?? undefined };
  for await (const { data } of readServerSentEvents(iterateBody(response))) {
    const error = readErrorBody(data, details);
    if (error !== undefined) throw error;
    const event = selfTestEventSchema.safeParse(JSON.parse(data));
    if (!event.success) {
      const message = 'The server tells of its self-test as this version of Scarmonit does not; use the same version.';
      throw new ScarmonitApiError(message, { ...details, code: 'unexpected_answer' });
    }
    yield event.data;
    if (event.data.type === 'report') return;
  }
  throw new ScarmonitApiError('The self-test broke off before its end. Look at the server, and run it again.', {
    ...details,
    code: 'stream_broken',
  });
}
