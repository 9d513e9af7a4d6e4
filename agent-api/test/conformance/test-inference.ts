import { describe, expect, it } from 'vitest';
import { callHost, chatBody, openCall } from './call-host.ts';
import type { Conformance } from './conformance-suite.ts';
import { answerText } from './scripted-upstream.ts';

const plain = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const served = { ...plain, 'x-model-version': '1.0.0' };
const streamed = {
  ...served,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** Answers, streams, versions and fallbacks. */
export function testInference({ host, upstream, differences }: Conformance): void {
  const chat = '/v1/chat/completions';

  describe('inference', () => {
    it('answers a chat completion with the public name of the model', async () => {
      const answer = await callHost(host(), chat, { body: chatBody('speaker') });
      expect(answer.status).toBe(200);
      expect(answer.headers).toEqual(served);
      expect(answer.text).toBe(
        `{"id":"chatcmpl-7","object":"chat.completion","created":1700000000,"model":"speaker","choices":[{"index":0,"message":{"role":"assistant","content":"${answerText}"},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}`,
      );
    });

    it('streams the same bytes, without the usage that nobody asked for', async () => {
      const answer = await callHost(host(), chat, { body: chatBody('speaker', { stream: true }) });
      const frame = (choice: string) =>
        `data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"speaker","choices":[${choice}]}\n\n`;
      expect(answer.status).toBe(200);
      expect(answer.headers).toEqual(streamed);
      expect(answer.text).toBe(
        frame('{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}') +
          frame(`{"index":0,"delta":{"content":"${answerText}"},"finish_reason":null}`) +
          frame('{"index":0,"delta":{},"finish_reason":"stop"}') +
          'data: [DONE]\n\n',
      );
    });

    it('streams the usage to a client that asks for it', async () => {
      const body = chatBody('speaker', { stream: true, stream_options: { include_usage: true } });
      const { text } = await callHost(host(), chat, { body });
      expect(text).toContain('"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}');
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    });

    it('answers completions, responses and the routes of the task', async () => {
      const response = await callHost(host(), '/v1/responses', { body: { model: 'speaker', input: 'Hello' } });
      expect(response.status).toBe(200);
      expect(response.text).toContain(JSON.stringify(answerText));
      const inferred = await callHost(host(), '/api/infer?task=chat', { body: chatBody('speaker') });
      expect(inferred.status).toBe(200);
      expect(inferred.headers).toEqual(served);
    });

    it('answers embeddings', async () => {
      const answer = await callHost(host(), '/v1/embeddings', { body: { model: 'embedder', input: ['a', 'b'] } });
      expect(answer.status).toBe(200);
      expect(answer.headers).toEqual(served);
      expect(JSON.parse(answer.text)).toEqual({
        object: 'list',
        data: [0, 1].map((index) => ({ object: 'embedding', index, embedding: [0.6, 0.8] })),
        model: 'embedder',
        usage: { prompt_tokens: 4, total_tokens: 4 },
      });
    });

    it('pins a version by its header, and says which one served', async () => {
      const pinned = await callHost(host(), chat, {
        body: chatBody('speaker'),
        headers: { 'x-model-version': '1.1.0' },
      });
      expect(pinned.headers).toEqual({ ...served, 'x-model-version': '1.1.0' });
      const unknown = await callHost(host(), chat, {
        body: chatBody('speaker'),
        headers: { 'x-model-version': '9.9.9' },
      });
      expect(unknown.status).toBe(404);
      expect(JSON.parse(unknown.text)).toMatchObject({ error: { code: 'version_not_found' } });
    });

    it('falls back where its version fails', async () => {
      const answer = await callHost(host(), chat, { body: chatBody('backed') });
      expect(answer.status).toBe(200);
      expect(answer.headers).toEqual({ ...served, 'x-model-fallback': 'speaker@1.0.0' });
    });

    it('ends a stream that its upstream broke off with an error and no [DONE]', async () => {
      const { status, text } = await callHost(host(), chat, { body: chatBody('truncated', { stream: true }) });
      expect(status).toBe(200);
      const [first, last, rest] = text.split('\n\n');
      expect(first).toContain('"content":"Half"');
      expect(last).toBe(
        'data: {"error":{"message":"The upstream broke off its answer.","type":"server_error","param":null,"code":"upstream_broke_off"}}',
      );
      expect(rest).toBe('');
    });

    it('stops the upstream when the client leaves in the middle of a stream, and counts that as no error', async () => {
      const leaving = new AbortController();
      const requestId = `leaves-${Math.random().toString(36).slice(2)}`;
      const response = await openCall(host(), chat, {
        body: chatBody('endless', { stream: true }),
        headers: { 'x-request-id': requestId },
        signal: leaving.signal,
      });
      await response.body?.getReader().read();
      leaving.abort();
      await expect(upstream().left('endless')).resolves.toBeUndefined();
      const records = async (): Promise<unknown> =>
        (
          JSON.parse((await callHost(host(), `/api/admin/predictions?requestId=${requestId}`)).text) as {
            data: unknown;
          }
        ).data;
      await expect
        .poll(records, { timeout: 10_000, interval: 200 })
        .toMatchObject([{ outcome: 'cancelled', status: 499, stream: true }]);
    });

    if (differences.noticesLeaversBeforeFirstByte) {
      it('stops it also before the first byte', async () => {
        const leaving = new AbortController();
        const answer = openCall(host(), chat, { body: chatBody('silent'), signal: leaving.signal });
        await new Promise((resolve) => setTimeout(resolve, 100));
        leaving.abort();
        await expect(answer).rejects.toThrow();
        await expect(upstream().left('silent')).resolves.toBeUndefined();
      });
    }
  });
}
