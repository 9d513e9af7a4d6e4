import { describe, expect, it } from 'vitest';
import { createScarmonitClient } from './create-scarmonit-client.ts';
import { ScarmonitApiError, ScarmonitUnreachableError } from './scarmonit-api-error.ts';

function answering(answer: () => Response | Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const client = createScarmonitClient({
    baseUrl: 'http://server.test/base/',
    apiKey: 'sk-secret',
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init ?? {} });
      return answer();
    },
  });
  return { client, calls };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('createScarmonitClient', () => {
  it('sends the key, keeps the path of the base address and escapes names', async () => {
    const { client, calls } = answering(() => Response.json({}, { status: 404 }));
    await failureOf(client.admin.findModel('a/../b'));
    expect(calls[0]?.url).toBe('http://server.test/base/api/admin/models/a%2F..%2Fb');
    expect(new Headers(calls[0]?.init.headers).get('authorization')).toBe('Bearer sk-secret');
  });

  it('turns a refusal into an error with status, code, message and request id', async () => {
    const { client } = answering(() =>
      Response.json(
        { error: { message: 'Too many.', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
        { status: 429, headers: { 'x-request-id': 'req_9', 'retry-after': '2' } },
      ),
    );
    const error = await failureOf(client.listModels());
    expect(error).toBeInstanceOf(ScarmonitApiError);
    expect(error).toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'Too many.',
      requestId: 'req_9',
      retryAfterMs: 2000,
      type: 'requests',
      param: undefined,
    });
  });

  it('reads what an upstream says of a chat, which leaves out what servers here add', async () => {
    const message = { role: 'assistant', content: 'Hi.' };
    const { client } = answering(() =>
      Response.json({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'llama3.2',
        system_fingerprint: 'fp_ollama',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
      }),
    );
    const answer = await client.chat({ model: 'far', messages: [{ role: 'user', content: 'Hello' }] });
    expect(answer.choices[0]?.message).toEqual(message);
    expect(answer.usage?.total_tokens).toBe(5);
  });

  it('tells a refusal of another shape by its status', async () => {
    const { client } = answering(() => new Response('<html>', { status: 502 }));
    expect(await failureOf(client.listModels())).toMatchObject({
      status: 502,
      message: 'The server answered 502 without saying why.',
    });
  });

  it('tells an answer of another shape apart from an answer', async () => {
    const { client } = answering(() => new Response('<html>'));
    expect(await failureOf(client.listModels())).toMatchObject({ code: 'unexpected_answer' });
  });

  it.each([
    [
      'ECONNREFUSED',
      "No server answers at http://server.test/base. Start one with 'npm start', or correct the address.",
    ],
    ['ENOTFOUND', 'The host of http://server.test/base cannot be found. Correct the address.'],
    [
      'ECONNRESET',
      'The server at http://server.test/base cannot be reached: gone. Check that it runs and that the address is right.',
    ],
  ])('says what to do at %s', async (code, message) => {
    const { client } = answering(() => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('gone'), { code }) });
    });
    const error = await failureOf(client.listModels());
    expect(error).toBeInstanceOf(ScarmonitUnreachableError);
    expect(error).toMatchObject({ message });
  });

  it('hands on why it was aborted', async () => {
    const { client } = answering(() => {
      throw new DOMException('stop', 'AbortError');
    });
    expect(await failureOf(client.listModels({ signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
  });

  it.each(['', 'localhost:8787', 'file:///etc'])('refuses the address %j', (baseUrl) => {
    expect(() => createScarmonitClient({ baseUrl })).toThrow(ScarmonitUnreachableError);
  });

  it('reads readiness also when the server is not ready', async () => {
    const { client } = answering(() => Response.json({ status: 'not_ready', reasons: ['loading'] }, { status: 503 }));
    expect(await client.readiness()).toEqual({ status: 'not_ready', reasons: ['loading'] });
  });

  it('yields chunks until [DONE] and lets go of the connection when the reader leaves', async () => {
    let isCancelled = false;
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode(': hi\r\n\r\ndata: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n')),
        cancel: () => {
          isCancelled = true;
        },
      });
    const { client } = answering(() => new Response(stream()));
    for await (const chunk of client.streamChat({ model: 'm', messages: [{ role: 'user', content: 'x' }] })) {
      expect(chunk).toEqual({ n: 1 });
      break;
    }
    expect(isCancelled).toBe(true);
  });

  it('throws the error that comes inside a stream', async () => {
    const { client } = answering(
      () => new Response('data: {"error":{"message":"Broke.","code":"engine_failure"}}\n\n'),
    );
    const read = Array.fromAsync(client.streamChat({ model: 'm', messages: [{ role: 'user', content: 'x' }] }));
    await expect(read).rejects.toMatchObject({ message: 'Broke.', code: 'engine_failure' });
  });
});
