import { answer, completion, delta, done, event, stream } from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, Opened, patience } from './open-gateway.ts';

const whole = new Opened();
const opened = new Opened();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await whole.gateway();
});
afterAll(() => whole.close());
afterEach(() => opened.close());

const messages = [{ role: 'user', content: 'Hi' }];

/** One request of each kind that makes an upstream work; a route that is missing here is found by the first test. */
const requests: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/completions', { prompt: 'Hi' }],
  ['/v1/completions', { prompt: 'Hi', stream: true }],
  ['/v1/responses', { input: 'Hi' }],
  ['/v1/responses', { input: 'Hi', stream: true }],
  ['/api/chat', { messages }],
  ['/api/infer?task=chat', { messages }],
  ['/v1/embeddings', { input: 'Hi' }],
];

const feedback: readonly [path: string, body: object] = ['/api/feedback', { requestId: 'req_1', rating: 1 }];

const speak = stream(
  delta('Hello', 'stop'),
  event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }),
  done,
);

describe('the limits of a key', () => {
  it('hold on every route, and before any work', async () => {
    const { paths } = (await (await fetch(`${gateway.url}/api/openapi.json`)).json()) as { paths: object };
    const inferring = Object.entries(paths).flatMap(([path, methods]) =>
      Object.hasOwn(methods, 'post') && !path.startsWith('/api/admin/') ? [path] : [],
    );
    const limited = [...requests, feedback];
    expect(new Set(limited.map(([path]) => path.replace(/\?.*/, '')))).toEqual(new Set(inferring));

    const upstream = await opened.upstream(speak);
    const model = await gateway.serve({ upstreams: [upstream] });
    const { secret } = await gateway.makeKey({ requestsPerMinute: 1 });
    expect((await gateway.chat({ stream: true }, { key: secret })).status).toBe(200);
    for (const [path, body] of limited) {
      const response = await gateway.post(path, { model, ...body }, { key: secret });
      expect([path, response.status]).toEqual([path, 429]);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'retry-after': expect.stringMatching(/^\d+$/),
        'x-ratelimit-limit-requests': '1',
        'x-ratelimit-remaining-requests': '0',
      });
      expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'requests' } });
    }
    expect(upstream.calls).toHaveLength(1);
  });

  it('are one for all routes', async () => {
    const upstream = await opened.upstream(({ body, ...call }) =>
      body.stream === true ? speak({ body, ...call }) : answer(200, completion('Hello'))({ body, ...call }),
    );
    const model = await gateway.serve({ upstreams: [upstream] });
    const chats = requests.filter(([path]) => path !== '/v1/embeddings');
    const { secret } = await gateway.makeKey({ requestsPerMinute: chats.length });
    for (const [index, [path, body]] of chats.entries()) {
      const response = await gateway.post(path, { model, ...body }, { key: secret });
      await response.text();
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('x-ratelimit-remaining-requests')).toBe(String(chats.length - 1 - index));
    }
    expect((await gateway.chat({}, { key: secret })).status).toBe(429);
    expect(upstream.calls).toHaveLength(chats.length);
  });

  it('let exactly as many through as they say, however many come at once', async () => {
    const upstream = await opened.upstream(answer(200, completion('Hello')));
    await gateway.serve({ upstreams: [upstream] });
    const { secret } = await gateway.makeKey({ requestsPerMinute: 10 });
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await gateway.chat({}, { key: secret })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
    expect(upstream.calls).toHaveLength(10);
  });

  it('reserve tokens before the work, so that requests at once cannot spend them twice', async () => {
    const upstream = await opened.upstream(() => {});
    await gateway.serve({ upstreams: [upstream] });
    const { secret } = await gateway.makeKey({ tokensPerMinute: 1_000 });
    const leaving = new AbortController();
    const long = { messages: [{ role: 'user', content: 'word '.repeat(320) }] };
    const refused: number[] = [];
    const asking = Array.from({ length: 8 }, () =>
      gateway.chat(long, { key: secret, signal: leaving.signal }).then(
        ({ status }) => void refused.push(status),
        () => undefined,
      ),
    );
    // About 400 tokens each: two are at work, and the others are refused while they are.
    await expect.poll(() => [upstream.calls.length, refused], patience).toEqual([2, Array(6).fill(429)]);
    leaving.abort();
    await Promise.all(asking);
    expect(upstream.calls).toHaveLength(2);
  });

  it('count what a stream really used, once it has ended', async () => {
    const upstream = await opened.upstream(
      stream(
        delta('Hello', 'stop'),
        event({ choices: [], usage: { prompt_tokens: 300, completion_tokens: 650 } }),
        done,
      ),
    );
    await gateway.serve({ upstreams: [upstream] });
    const { secret } = await gateway.makeKey({ tokensPerMinute: 1_000 });
    await (await gateway.chat({ stream: true }, { key: secret })).text();
    const response = await gateway.chat(
      { stream: true, messages: [{ role: 'user', content: 'word '.repeat(100) }] },
      { key: secret },
    );
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { type: 'tokens' } });
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('50');
  });
});
