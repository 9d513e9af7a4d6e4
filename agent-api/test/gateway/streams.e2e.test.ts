import {
  answer,
  type Behaviour,
  begin,
  completion,
  delta,
  done,
  event,
  stream,
  usageEvent,
  write,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, Opened, patience, Reading, readData } from './open-gateway.ts';

const whole = new Opened();
const opened = new Opened();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await whole.gateway();
});
afterAll(() => whole.close());
afterEach(() => opened.close());

const never: Behaviour = () => {};
const ok = answer(200, completion('Hello'));

const words = (text: string): string =>
  readData(text)
    .map((data) => (data as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ?? '')
    .join('');

describe('a client that leaves stops the work of the upstream', () => {
  /** Leaves as soon as the upstream has the request, and waits until nobody works on it any more. */
  const leave = async (path: string, fields: object, behaviour: Behaviour): Promise<void> => {
    const upstream = await opened.upstream(behaviour);
    const model = await gateway.serve({ upstreams: [upstream] });
    const client = new AbortController();
    const body = { model, messages: [{ role: 'user', content: 'Hi' }], ...fields };
    const headers = { 'x-request-id': `leaves-${model}` };
    const answered = gateway.post(path, body, { signal: client.signal, headers }).then(
      (response) => response.text(),
      (error: unknown) => error,
    );
    await expect.poll(() => upstream.calls.length, patience).toBe(1);
    client.abort();
    await answered.catch(() => undefined);
    await expect.poll(() => upstream.open, patience).toBe(0);
    await expect.poll(() => gateway.inFlight(), patience).toBe(0);
    await expect
      .poll(() => gateway.recordsOf(`leaves-${model}`), patience)
      .toMatchObject([{ outcome: 'cancelled', status: 499, route: path }]);
    expect(upstream.calls).toHaveLength(1);
  };

  it.each<[string, string, object, Behaviour]>([
    ['before the answer', '/v1/chat/completions', {}, never],
    ['within the answer', '/v1/chat/completions', {}, ({ response }) => void response.write('{"id":')],
    ['before the headers of a stream', '/v1/chat/completions', { stream: true }, never],
    ['before the first chunk of a stream', '/v1/chat/completions', { stream: true }, write(': waiting\n\n')],
    ['before the answer', '/v1/completions', { prompt: 'Hi' }, never],
    ['before the answer', '/v1/responses', { input: 'Hi' }, never],
    ['before the headers of a stream', '/v1/responses', { input: 'Hi', stream: true }, never],
    ['before the answer', '/api/chat', {}, never],
    ['while it waits to try again', '/v1/chat/completions', {}, answer(503, '', { 'retry-after': '2' })],
  ])('%s of %s', (_when, path, fields, behaviour) => leave(path, fields, behaviour));

  it('within a stream, of which the record counts what had come', async () => {
    const upstream = await opened.upstream(write(delta('a'), delta('b')));
    await gateway.serve({ upstreams: [upstream] });
    const reading = new Reading(await gateway.chat({ stream: true }, { headers: { 'x-request-id': 'within' } }));
    await reading.until('"b"');
    await reading.leave();
    await expect.poll(() => upstream.open, patience).toBe(0);
    await expect.poll(() => gateway.inFlight(), patience).toBe(0);
    await expect
      .poll(() => gateway.recordsOf('within'), patience)
      .toMatchObject([{ outcome: 'cancelled', status: 499, stream: true, outputTokens: 2 }]);
  });
});

describe('the usage of a stream', () => {
  const speak = stream(delta('Hel'), delta('lo', 'stop'), usageEvent(), done);

  it.each([
    ['nothing', undefined],
    ['no usage', { include_usage: false }],
  ])('is recorded and not shown to a client that asks for %s', async (_what, stream_options) => {
    const upstream = await opened.upstream(speak);
    const model = await gateway.serve({ upstreams: [upstream] });
    const ask = { headers: { 'x-request-id': `silent-${model}` } };
    const text = await (await gateway.chat({ stream: true, stream_options }, ask)).text();
    expect(words(text)).toBe('Hello');
    expect(text).not.toContain('usage');
    expect(readData(text).at(-1)).toBe('[DONE]');
    expect(upstream.calls[0]?.body.stream_options).toEqual({ include_usage: true });
    await expect
      .poll(() => gateway.recordsOf(`silent-${model}`), patience)
      .toMatchObject([{ outcome: 'ok', inputTokens: 3, outputTokens: 2 }]);
  });

  it('is shown to a client that asks for it', async () => {
    await gateway.serve({ upstreams: [await opened.upstream(speak)] });
    const asked = { stream: true, stream_options: { include_usage: true } };
    const chunks = readData(await (await gateway.chat(asked)).text());
    const [first, , last, end] = chunks as { usage?: unknown }[];
    expect([first?.usage, last?.usage]).toEqual([null, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }]);
    expect(end).toBe('[DONE]');
  });
});

describe('events', () => {
  it.each<[string, (text: string) => string]>([
    ['LF', (text) => text],
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['CR', (text) => text.replaceAll('\n', '\r')],
  ])('framed by %s reach the client as they come, however their bytes are cut', async (_name, frame) => {
    const next = Promise.withResolvers<void>();
    const upstream = await opened.upstream(async ({ response }) => {
      begin(response);
      const send = async (text: string): Promise<void> => {
        for (const byte of Buffer.from(frame(text))) {
          response.write(Uint8Array.of(byte));
          await new Promise(setImmediate);
        }
      };
      await send(`: a comment\n\n${delta('é😀')}`);
      // With CR alone an event is known to be over when the next one begins.
      if (frame('\n') === '\r') await send(':');
      await next.promise;
      await send(`${frame('\n') === '\r' ? '\n\n' : ''}${delta('漢字', 'stop')}${done}`);
      response.end();
    });
    await gateway.serve({ upstreams: [upstream] });
    const reading = new Reading(await gateway.chat({ stream: true }));
    // The upstream goes on only when this has come through.
    await reading.until('é😀');
    await reading.until('\n\n');
    next.resolve();
    const text = await reading.toEnd();
    expect(words(text)).toBe('é😀漢字');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text).not.toContain('\r');
  });
});

describe('an upstream that dies', () => {
  const die: Behaviour = ({ response, socket }) => {
    begin(response, [delta('Hel')]);
    setImmediate(() => socket.destroy());
  };

  const neverEndLine: Behaviour = async ({ response }) => {
    begin(response, [delta('Hel')]);
    const piece = 'x'.repeat(1 << 20);
    while (!response.destroyed) {
      response.write(piece);
      await new Promise(setImmediate);
    }
  };

  it.each<[string, string, Behaviour]>([
    ['by its connection', 'upstream_broke_off', die],
    ['by an end without finish and [DONE]', 'upstream_broke_off', stream(delta('Hel'))],
    ['by an error event', 'oom', stream(delta('Hel'), event({ error: { message: 'no memory', code: 'oom' } }), done)],
    ['by a chunk that is no JSON', 'upstream_malformed_answer', stream(delta('Hel'), 'data: {"choices":[\n\n', done)],
    ['by silence', 'upstream_timeout', write(delta('Hel'))],
    ['by a line without end', 'upstream_malformed_answer', neverEndLine],
  ])('within a stream, %s, ends it with an error event (%s) and without [DONE]', async (_how, code, behaviour) => {
    const upstream = await opened.upstream(behaviour);
    const idleTimeoutMs = code === 'upstream_timeout' ? 200 : 30_000;
    const model = await gateway.serve({ upstreams: [upstream], options: { idleTimeoutMs } });
    const response = await gateway.chat({ stream: true }, { headers: { 'x-request-id': `broken-${model}` } });
    expect(response.status).toBe(200);
    const text = await response.text();
    const [first, last, ...more] = readData(text);
    expect(first).toMatchObject({ choices: [{ delta: { content: 'Hel' } }] });
    expect(last).toEqual({
      error: { message: expect.any(String), type: 'server_error', param: null, code },
    });
    expect(more).toEqual([]);
    await expect
      .poll(async () => (await gateway.recordsOf(`broken-${model}`)).map(({ outcome }) => outcome), patience)
      .toEqual([expect.stringMatching(/^(error|timeout)$/)]);
    await expect.poll(() => upstream.open, patience).toBe(0);
  });

  it('before the first byte of a stream is replaced by a fallback, which the answer names', async () => {
    const model = await gateway.serve({
      '1.0.0': { upstreams: [await opened.upstream(({ socket }) => void socket.destroy())], fallbacks: ['1.1.0'] },
      '1.1.0': { upstreams: [await opened.upstream(stream(delta('Hello', 'stop'), done))] },
    });
    const response = await gateway.chat({ stream: true }, { headers: { 'x-request-id': 'fell-back' } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-model-version': '1.1.0',
      'x-model-fallback': `${model}@1.1.0`,
    });
    expect(words(await response.text())).toBe('Hello');
    await expect
      .poll(() => gateway.recordsOf('fell-back'), patience)
      .toMatchObject([
        { version: '1.0.0', outcome: 'error' },
        { version: '1.1.0', outcome: 'ok' },
      ]);
  });

  it('after the first byte of a stream is not replaced: the client has seen half an answer', async () => {
    const other = await opened.upstream(ok);
    await gateway.serve({
      '1.0.0': { upstreams: [await opened.upstream(die)], fallbacks: ['1.1.0'] },
      '1.1.0': { upstreams: [other] },
    });
    const data = readData(await (await gateway.chat({ stream: true })).text());
    expect(data.at(-1)).toMatchObject({ error: { code: 'upstream_broke_off' } });
    expect(other.calls).toEqual([]);
  });
});

describe('deadlines', () => {
  it('never end a stream that is healthy, though it lasts longer than any of them', async () => {
    const limitMs = 1_500;
    const upstream = await opened.upstream(async ({ response }) => {
      const startedAt = performance.now();
      begin(response);
      while (performance.now() - startedAt < 3 * limitMs) {
        response.write(delta('x'));
        await new Promise((resolve) => setTimeout(resolve, limitMs / 5));
      }
      response.end(delta('!', 'stop') + done);
    });
    const options = { connectTimeoutMs: limitMs, firstByteTimeoutMs: limitMs, idleTimeoutMs: limitMs };
    await gateway.serve({ upstreams: [upstream], options });
    const text = await (await gateway.chat({ stream: true })).text();
    expect(words(text)).toMatch(/^x{10,}!$/);
    expect(readData(text).at(-1)).toBe('[DONE]');
  });

  it.each<[string, Behaviour]>([
    ['no headers at all', never],
    [
      'headers that drip',
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const drip = setInterval(() => socket.write('x-drip: 1\r\n'), 50);
        socket.once('close', () => clearInterval(drip));
      },
    ],
  ])('end a request to an upstream that sends %s with 504', async (_what, behaviour) => {
    const upstream = await opened.upstream(behaviour);
    const options = { firstByteTimeoutMs: 200 };
    await gateway.serve({ upstreams: [upstream], options });
    const response = await gateway.chat({ stream: true });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    await expect.poll(() => upstream.open, patience).toBe(0);
  });

  it('end what lasts longer than its version may, and stop the upstream', async () => {
    const upstream = await opened.upstream(write(delta('Hel')));
    await gateway.serve({ upstreams: [upstream], timeoutMs: 300 });
    const data = readData(await (await gateway.chat({ stream: true })).text());
    expect(data.at(-1)).toMatchObject({ error: { code: 'timeout' } });
    await upstream.calls[0]?.left;
  });
});
