import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHost, type TestHost, testKey } from './start-test-host.ts';

const chat = '/v1/chat/completions';
const answer = { id: 'c1', object: 'chat.completion', model: 'theirs', choices: [], usage: { prompt_tokens: 1 } };
const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: 'c1', model: 'theirs', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const frames = [
  chunk('Grüße'),
  chunk(' 🌍 "model"'),
  `data: ${JSON.stringify({ id: 'c1', model: 'theirs', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })}\n\n`,
];

/** Is given the answers that never end. */
let onHang: (outgoing: ServerResponse) => void;

/** Does what the content of the message says. */
function startUpstream(): Server {
  return createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (piece) => (text += piece));
    incoming.on('end', () => {
      const { stream, messages } = JSON.parse(text) as { stream?: boolean; messages: { content: string }[] };
      const wish = messages[0]?.content;
      if (wish === 'refuse') {
        outgoing.writeHead(400, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ error: { message: 'No.', param: 'messages', code: 'no' } }));
      } else if (wish === 'limit') {
        outgoing.writeHead(429, { 'retry-after': '7' }).end();
      } else if (wish === 'garble') {
        outgoing.end('not json');
      } else if (stream === true) {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const frame of frames) outgoing.write(frame);
        if (wish === 'hang') onHang(outgoing);
        else if (wish === 'break') setImmediate(() => outgoing.destroy());
        else outgoing.end('data: [DONE]\n\n');
      } else {
        outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
    });
  });
}

let upstream: Server;
let host: TestHost;
beforeAll(async () => {
  upstream = startUpstream();
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  host = await startTestHost(`apiVersion: scarmonit/v1
models:
  ours:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0:
        runtime: openai-compatible
        baseUrl: http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1
        model: theirs
        options: { retries: 0, breaker: { failures: 1000 } }
`);
});
afterAll(async () => {
  await host.close();
  upstream.closeAllConnections();
  upstream.close();
});

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | readonly string[];
}

/** Sends a request over a socket. A list of pieces goes in chunks, without a length. */
function send({ method = 'POST', path = chat, headers = {}, body }: Case, way: Readonly<Record<string, string>>) {
  return new Promise<{ status: number | undefined; headers: object; body: string }>((resolve, reject) => {
    const outgoing = request(new URL(path, host.url), {
      method,
      headers: {
        authorization: `Bearer ${testKey}`,
        'x-request-id': 'same',
        ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}),
        ...headers,
        ...way,
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece) => (text += piece));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { date: _date, 'openai-processing-ms': _ms, ...kept } = incoming.headers;
        resolve({ status: incoming.statusCode, headers: kept, body: text.replaceAll(/"created":\d+/g, '"created":0') });
      });
    });
    if (typeof body === 'string') outgoing.end(body);
    else {
      for (const piece of body ?? []) outgoing.write(piece);
      outgoing.end();
    }
  });
}

const ask = (wish: string, more: object = {}) =>
  JSON.stringify({ model: 'ours', messages: [{ role: 'user', content: wish }], ...more });

/** The direct way takes plain requests only: one from a page of another origin goes the general way. */
const ways = { direct: {}, general: { origin: 'http://page.example' } };

const cases: readonly Case[] = [
  { name: 'an answer', body: ask('answer') },
  { name: 'an answer to a body with a byte order mark', body: `\ufeff${ask('answer')}` },
  { name: 'an answer to a body in chunks', body: [ask('answer').slice(0, 20), ask('answer').slice(20)] },
  { name: 'an answer to a client that waits for 100', headers: { expect: '100-continue' }, body: ask('answer') },
  { name: 'a stream', body: ask('answer', { stream: true }) },
  { name: 'a stream with usage', body: ask('answer', { stream: true, stream_options: { include_usage: true } }) },
  { name: 'a stream that breaks', body: ask('break', { stream: true }) },
  { name: 'a pinned version', headers: { 'x-model-version': 'stable' }, body: ask('answer') },
  { name: 'a version that is not there', headers: { 'x-model-version': '9.9.9' }, body: ask('answer') },
  { name: 'a refusal of the upstream', body: ask('refuse') },
  { name: 'a limit of the upstream', body: ask('limit') },
  { name: 'an upstream that talks nonsense', body: ask('garble') },
  { name: 'a model that is not there', body: ask('answer', { model: 'none' }) },
  { name: 'no key', headers: { authorization: '' }, body: ask('answer') },
  { name: 'a wrong key', headers: { authorization: 'Bearer sk-wrong' }, body: ask('answer') },
  { name: 'bad JSON', body: '{"model":' },
  { name: 'an empty body', body: '' },
  { name: 'a field of the wrong type', body: ask('answer', { temperature: 'hot' }) },
  { name: 'an insane request id', headers: { 'x-request-id': 'same!' }, body: '{' },
  { name: 'a body that says it is too large', headers: { connection: 'close' }, body: ' '.repeat(11 * 1024 * 1024) },
  { name: 'a query', path: `${chat}?a=1`, body: ask('answer') },
  { name: 'GET', method: 'GET' },
  { name: 'HEAD', method: 'HEAD' },
  { name: 'OPTIONS', method: 'OPTIONS' },
  { name: 'a model that does another task', path: '/v1/embeddings', body: '{"model":"ours","input":"x"}' },
  { name: 'a chat without a model', path: '/api/chat', body: '{"messages":[{"role":"user","content":"answer"}]}' },
];

describe('the direct way and the general way', () => {
  it.each(cases)('give the same for $name', async (one) => {
    const general = await send(one, ways.general);
    const direct = await send(one, ways.direct);
    if (one.name === 'an insane request id') {
      expect(direct.headers).toMatchObject({ 'x-request-id': expect.stringMatching(/^req_/) });
      expect(general.headers).toMatchObject({ 'x-request-id': expect.stringMatching(/^req_/) });
      return;
    }
    expect(direct).toEqual(general);
  });

  it.each(Object.entries(ways))('stop the upstream when a client leaves within a stream (%s)', async (_name, way) => {
    const stopped = Promise.withResolvers<void>();
    onHang = (outgoing) => outgoing.on('close', stopped.resolve);
    const body = ask('hang', { stream: true });
    const leaving = request(new URL(chat, host.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${testKey}`, 'content-length': Buffer.byteLength(body), ...way },
    });
    leaving.on('error', () => {});
    leaving.on('response', (incoming) => incoming.once('data', () => leaving.destroy()));
    leaving.end(body);
    await stopped.promise;
  });

  it.each(Object.entries(ways))('stay well when a client leaves within its body (%s)', async (_name, way) => {
    const body = ask('answer');
    await new Promise<void>((resolve) => {
      const leaving = request(new URL(chat, host.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-length': Buffer.byteLength(body) + 1, ...way },
      });
      leaving.on('error', () => resolve());
      leaving.write(body, () => leaving.destroy(new Error('left')));
    });
    expect((await send({ name: '', body }, way)).status).toBe(200);
  });
});
