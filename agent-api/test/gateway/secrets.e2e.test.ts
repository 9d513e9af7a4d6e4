import { globSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import {
  answer,
  type Behaviour,
  begin,
  completion,
  delta,
  event,
  stream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, describe, expect, it } from 'vitest';
import { testKey } from '../start-test-host.ts';
import { Opened, patience, upstreamKey } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

const prompt = 'canary-prompt-my-mother-maiden-name';
const system = 'canary-system-prompt';
const argument = 'canary-tool-argument';
const said = 'canary-answer-of-the-model';
const unknownKey = 'sk-scarmonit-canary0unknown0key00000000000000000';
const environmentSecret = 'canary-of-the-environment';

/** What an upstream says that shows all that it was told. */
const tell = (headers: object, body: object): string => `I was told ${JSON.stringify(headers)} ${JSON.stringify(body)}`;

const failures: readonly (readonly [string, Behaviour])[] = [
  ['a good answer', answer(200, completion(said))],
  ['a good stream', stream(delta(said, 'stop'), 'data: [DONE]\n\n')],
  ...[400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504].map((status): readonly [string, Behaviour] => [
    `status ${status}`,
    (call) => answer(status, { error: { message: tell(call.headers, call.body), code: 'x' } })(call),
  ]),
  [
    'a code and a field that show its key',
    answer(400, { error: { message: 'no', code: upstreamKey, param: `headers ${upstreamKey}` } }),
  ],
  ['a code that shows its key', answer(429, { error: { message: 'no', code: upstreamKey } }, { 'retry-after': '9' })],
  ['an event whose code shows its key', stream(delta(said), event({ error: { message: 'no', code: upstreamKey } }))],
  [
    'an event whose code repeats the prompt',
    stream(delta(said), event({ error: { message: 'no', code: `not for ${prompt}` } })),
  ],
  ['an error as a string', (call) => answer(500, { error: tell(call.headers, call.body) })(call)],
  ['an error in plain text', (call) => answer(500, tell(call.headers, call.body))(call)],
  ['an error with status 200', (call) => answer(200, { error: { message: tell(call.headers, call.body) } })(call)],
  ['a malformed answer', (call) => answer(200, `{"choices":[${tell(call.headers, call.body)}`)(call)],
  [
    'an error within the stream',
    (call) => stream(delta(said), event({ error: { message: tell(call.headers, call.body) } }))(call),
  ],
  ['an error event', (call) => stream(delta(said), `event: error\ndata: ${tell(call.headers, call.body)}\n\n`)(call)],
  ['a malformed chunk', (call) => stream(delta(said), `data: ${tell(call.headers, call.body)}\n\n`)(call)],
  [
    'a broken stream',
    ({ response, socket }) => {
      begin(response, [delta(said)]);
      setImmediate(() => socket.destroy());
    },
  ],
  ['a broken connection', ({ socket }) => void socket.destroy()],
  ['no HTTP', (call) => void call.socket.end(`${tell(call.headers, call.body)}\r\n\r\n`)],
  [
    'a header that is none',
    (call) => void call.socket.end(`HTTP/1.1 200 OK\r\n${tell(call.headers, call.body)}\r\n\r\n`),
  ],
  ['a redirect', (call) => answer(302, '', { location: `http://127.0.0.1:9/?key=${upstreamKey}&q=${prompt}` })(call)],
];

describe('keys, prompts and the secrets of upstreams', () => {
  it('are in no log, no error and no file, whatever fails', { timeout: 120_000 }, async () => {
    const gateway = await opened.gateway({ env: { LOG_LEVEL: 'trace', HF_TOKEN: environmentSecret } });
    const { secret } = await gateway.makeKey();
    const messages = [
      { role: 'system', content: system },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: argument } }] },
      { role: 'user', content: prompt },
    ];
    /** What clients saw of which they must not see the upstream's key. */
    let answers = '';
    const requestIds = { all: [] as string[], failed: [] as string[] };
    const note = async (response: Response): Promise<void> => {
      const requestId = response.headers.get('x-request-id') ?? 'none';
      requestIds.all.push(requestId);
      if (response.status >= 500) requestIds.failed.push(requestId);
      answers += `${[...response.headers].join('\n')}\n${await response.text()}\n`;
    };
    for (const [, behaviour] of failures) {
      const upstream = await opened.upstream(behaviour);
      await gateway.serve({ upstreams: [upstream], options: { retries: 1 } });
      for (const asStream of [false, true])
        await note(await gateway.chat({ messages, stream: asStream }, { key: secret }));
      await note(await gateway.post('/v1/responses', { model: 'gone', input: prompt }, { key: secret }));
    }
    const gone = await opened.upstream(() => {});
    await gateway.serve({ upstreams: [gone], timeoutMs: 100 });
    await note(await gateway.chat({ messages }, { key: secret }));
    await gone.close();
    await note(await gateway.chat({ messages }, { key: secret }));
    // What clients do wrong, also with their key.
    await note(await gateway.post('/v1/chat/completions', `{"messages":"${prompt}`, { key: secret }));
    await note(await gateway.chat({ messages: prompt, temperature: prompt }, { key: secret }));
    await note(await gateway.chat({ messages }, { key: unknownKey }));
    await note(await gateway.chat({ messages }, { key: `${secret}x` }));
    await note(await fetch(`${gateway.url}/v1/chat/completions?api_key=${secret}&q=${prompt}`, { method: 'POST' }));
    await note(await fetch(`${gateway.url}/nowhere`, { headers: { authorization: `Basic ${secret}` } }));
    await expect(gateway.admin('/manifest', { method: 'PUT', body: `apiKey: ${environmentSecret}` })).rejects.toThrow(
      '400',
    );
    const thief = await opened.upstream(answer(200, completion('thanks')));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
    const stolen = { runtime: 'openai-compatible', baseUrl: thief.baseUrl, model: 'm', apiKey: '${HF_TOKEN}' };
    const theft = {
      apiVersion: 'scarmonit/v1',
      models: { m: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': stolen } } },
    };
    await gateway.admin('/manifest', { method: 'PUT', body: JSON.stringify(theft) }).catch(() => undefined);
    await note(await gateway.chat({ model: 'm' }));
    expect(JSON.stringify(thief.calls.map(({ headers }) => headers))).not.toContain(environmentSecret);
    await expect.poll(() => gateway.recordsOf(requestIds.all[0] ?? ''), patience).toHaveLength(1);
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);

    const files = globSync('**', { cwd: gateway.dataDir, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toContain('scarmonit.db');
    const stored = files
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'))
      .join('\n');
    // What may be there is found where it is looked for.
    expect(stored.includes(requestIds.all[0] ?? 'none')).toBe(true);
    expect(answers).toContain(prompt);
    expect(requestIds.failed.length).toBeGreaterThan(failures.length);
    const faults = readFaults(gateway.output());
    expect(requestIds.failed.filter((id) => !faults.includes(id))).toEqual([]);
    expect(faults.filter((id) => id === undefined)).toEqual([]);
    for (const canary of [
      prompt,
      system,
      argument,
      said,
      secret,
      testKey,
      upstreamKey,
      unknownKey,
      environmentSecret,
    ]) {
      expect({ canary, inLogs: around(gateway.output(), canary) }).toEqual({ canary, inLogs: undefined });
      expect({ canary, inFiles: around(stored, canary) }).toEqual({ canary, inFiles: undefined });
    }
    for (const canary of [upstreamKey, secret, testKey, unknownKey, environmentSecret]) {
      expect({ canary, inAnswers: around(answers, canary) }).toEqual({ canary, inAnswers: undefined });
    }
  });

  it('stay on their side: an upstream gets its own key and nothing of the client’s but the body', async () => {
    const gateway = await opened.gateway();
    const { secret } = await gateway.makeKey();
    const upstream = await opened.upstream(answer(200, completion('Hello')));
    const model = await gateway.serve({ upstreams: [upstream] });
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], unknown_field: [1, null] });
    const sent = httpRequest(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        cookie: 'session=canary',
        'x-api-key': 'canary',
        'api-key': 'canary',
        'openai-organization': 'canary',
        'proxy-authorization': 'Basic canary',
        'x-forwarded-for': '10.0.0.1',
        'x-hop': 'canary',
        te: 'trailers',
        connection: 'close, x-hop',
        'content-type': 'application/json',
        'content-length': body.length,
        'x-request-id': 'own-id',
      },
    });
    const answered = new Promise<string>((resolve, reject) => {
      sent.once('response', (response) => readText(response).then(resolve, reject));
      sent.once('error', reject);
    });
    sent.end(body);
    expect(JSON.parse(await answered)).toMatchObject({ model });
    const [call] = upstream.calls;
    const { host: _, connection, 'content-length': length, ...headers } = call?.headers ?? {};
    expect(headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${upstreamKey}`,
      'content-type': 'application/json',
      'x-request-id': 'own-id',
    });
    expect(connection).toBe('keep-alive');
    expect(Number(length)).toBeGreaterThan(0);
    expect(call?.body).toMatchObject({ model: 'mock-1', unknown_field: [1, null] });
  });
});

/** The request ids in the log's lines about requests that failed, of which each must have one. */
function readFaults(output: string): readonly (string | undefined)[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"level":'))
    .map((line) => JSON.parse(line) as { level: number; msg: string; kind?: string; requestId?: string })
    .filter(({ level, msg, kind }) => msg === 'request failed' || (level === 40 && kind !== undefined))
    .map(({ requestId }) => requestId);
}

/** Where a text holds it, with what stands around it; undefined when it does not. */
function around(text: string, part: string): string | undefined {
  const at = text.indexOf(part);
  return at < 0 ? undefined : text.slice(Math.max(0, at - 200), at + 200);
}
