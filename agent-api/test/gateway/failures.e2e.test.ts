import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import {
  answer,
  type Behaviour,
  completion,
  delta,
  done,
  stream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testKey } from '../start-test-host.ts';
import { type Gateway, Opened, patience } from './open-gateway.ts';

const whole = new Opened();
const opened = new Opened();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await whole.gateway();
});
afterAll(() => whole.close());
afterEach(() => opened.close());

const ok = answer(200, completion('Hello'));
const anError = { message: expect.any(String), type: expect.any(String), param: null, code: expect.any(String) };

/** Behaves one way after the other; the last way from then on. */
function inTurn(...behaviours: Behaviour[]): Behaviour {
  return (call) => (behaviours.length > 1 ? behaviours.shift() : behaviours[0])?.(call);
}

describe.each([false, true])('an upstream that fails, asked with stream %s,', (asStream) => {
  it('is 502 when nobody listens', async () => {
    const upstream = await opened.upstream(ok);
    await upstream.close();
    await gateway.serve({ upstreams: [upstream] });
    const response = await gateway.chat({ stream: asStream });
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: { ...anError, code: 'upstream_unreachable' } });
  });

  it.each<[string, number, string, Behaviour]>([
    ['malformed JSON', 502, 'upstream_malformed_answer', answer(200, '{"choices":[')],
    ['an error with a status of success', 503, 'upstream_error', answer(200, { error: { message: 'no' } })],
    ['half of its connection', 503, 'upstream_broke_off', ({ socket }) => void socket.end()],
    ['no HTTP', 503, 'upstream_broke_off', ({ socket }) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    [
      'less than it announced',
      503,
      'upstream_broke_off',
      ({ response, socket }) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"id":');
        setImmediate(() => socket.end());
      },
    ],
  ])('is no 200 when it sends %s, but %i', async (_what, status, code, behaviour) => {
    const upstream = await opened.upstream(behaviour);
    await gateway.serve({ upstreams: [upstream], options: { retries: 0 } });
    const response = await gateway.chat({ stream: asStream });
    const body = await response.text();
    expect({ status: response.status, body: JSON.parse(body) }).toEqual({
      status,
      body: { error: { ...anError, code } },
    });
    await expect.poll(() => upstream.open, patience).toBe(0);
  });

  it('is no 200 when it sends a page of a proxy', async () => {
    const page: Behaviour = ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>It works!</html>');
    };
    await gateway.serve({ upstreams: [await opened.upstream(page)], options: { retries: 0 } });
    const response = await gateway.chat({ stream: asStream });
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ error: { ...anError, code: 'upstream_malformed_answer' } });
  });

  it('hands its 429 on, with the time to wait', async () => {
    const limited = { error: { message: 'Slow down.', code: 'tokens_exhausted' } };
    await gateway.serve({ upstreams: [await opened.upstream(answer(429, limited, { 'retry-after': '7' }))] });
    const response = await gateway.chat({ stream: asStream });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toMatchObject({ error: { message: 'Slow down.', code: 'tokens_exhausted' } });
  });
});

describe('an upstream that goes on failing', () => {
  const options = { retries: 0, breaker: { failures: 5, windowMs: 30_000, coolDownMs: 60_000 } };

  it('leaves the rotation after five errors of 25, and every client hears of the last one', async () => {
    const upstream = await opened.upstream(answer(500, ''));
    await gateway.serve({ upstreams: [upstream], options });
    for (let turn = 0; turn < 25; turn += 1) {
      const response = await gateway.chat();
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_error' } });
    }
    expect(upstream.calls).toHaveLength(5);
  });

  it('leaves its share to another target, and no client notices', async () => {
    const [bad, good] = [await opened.upstream(answer(500, '')), await opened.upstream(ok)];
    await gateway.serve({ upstreams: [bad, good], options: { ...options, retries: 1 } });
    for (let turn = 0; turn < 25; turn += 1) expect((await gateway.chat()).status).toBe(200);
    expect([bad.calls.length, good.calls.length]).toEqual([5, 25]);
  });

  it('stays away for the longest time that it was told, and its 429 is not forgotten', async () => {
    const limited = answer(
      429,
      { error: { message: 'Slow down.', code: 'tokens_exhausted' } },
      { 'retry-after': '90' },
    );
    const upstream = await opened.upstream(inTurn(...Array.from({ length: 4 }, () => answer(500, '')), limited, ok));
    await gateway.serve({ upstreams: [upstream], options: { ...options, breaker: { failures: 5, coolDownMs: 50 } } });
    for (let turn = 0; turn < 5; turn += 1) await (await gateway.chat()).text();
    for (let turn = 0; turn < 5; turn += 1) {
      const response = await gateway.chat();
      expect(response.status).toBe(429);
      expect(await response.json()).toMatchObject({ error: { code: 'tokens_exhausted' } });
      // Cool-downs that follow do not shorten it.
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(80);
    }
    expect(upstream.calls).toHaveLength(5);
  });

  it('comes back by one request that it answers', async () => {
    const upstream = await opened.upstream(inTurn(answer(500, ''), answer(500, ''), ok));
    await gateway.serve({
      upstreams: [upstream],
      options: { ...options, breaker: { failures: 2, coolDownMs: 1_500 } },
    });
    for (let turn = 0; turn < 3; turn += 1) expect((await gateway.chat()).status).toBe(503);
    expect(upstream.calls).toHaveLength(2);
    await expect.poll(async () => (await gateway.chat()).status, patience).toBe(200);
    expect(upstream.calls).toHaveLength(3);
  });
});

describe('malformed JSON of a client', () => {
  it('is 400 at every route that reads a body, and no upstream hears of it', async () => {
    const upstream = await opened.upstream(ok);
    await gateway.serve({ upstreams: [upstream] });
    const { paths } = (await (await fetch(`${gateway.url}/api/openapi.json`)).json()) as {
      paths: Record<string, { post?: { requestBody?: object } }>;
    };
    const posts = Object.entries(paths).flatMap(([path, { post }]) => (post?.requestBody === undefined ? [] : [path]));
    expect(posts.length).toBeGreaterThan(5);
    for (const path of posts) {
      for (const body of ['', '{"messages":', '\u{1f600}', '[1]', '"text"', '{"a":1}}']) {
        const response = await gateway.post(path, body);
        expect([path, body, response.status]).toEqual([path, body, 400]);
        expect(await response.json()).toEqual({
          error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.any(String) },
        });
      }
    }
    expect(upstream.calls).toEqual([]);
  });
});

describe('no request reaches a place of its client’s choice', () => {
  /** A server that must not be asked. */
  async function openTrap(): Promise<{ readonly url: string; readonly asked: readonly string[]; close(): void }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(JSON.stringify(completion('out of the trap')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() };
  }

  it.each([301, 302, 303, 307, 308])('by a redirect %i of the upstream', async (status) => {
    const trap = await openTrap();
    const upstream = await opened.upstream(answer(status, '', { location: `${trap.url}/v1/chat/completions` }));
    await gateway.serve({ upstreams: [upstream], options: { retries: 0 } });
    for (const asStream of [false, true]) {
      const response = await gateway.chat({ stream: asStream });
      expect(response.status).toBe(503);
      expect(`${await response.text()}${[...response.headers].join()}`).not.toContain(trap.url);
    }
    expect(trap.asked).toEqual([]);
    trap.close();
  });

  it('by headers, fields, names of models, links in messages or the request line', async () => {
    const trap = await openTrap();
    const upstream = await opened.upstream(inTurn(ok, ok, stream(delta('Hello', 'stop'), done)));
    const model = await gateway.serve({ upstreams: [upstream] });
    const { host } = new URL(trap.url);
    const headers = {
      'x-portkey-custom-host': `${trap.url}/v1`,
      'x-portkey-provider': 'openai',
      'x-base-url': trap.url,
      'x-upstream-url': trap.url,
      'x-forwarded-host': host,
      'x-original-url': `${trap.url}/`,
      forwarded: `host=${host}`,
      'openai-base-url': trap.url,
    };
    const fields = { base_url: trap.url, baseUrl: trap.url, api_base: trap.url, custom_host: trap.url };
    expect((await gateway.chat({}, { headers })).status).toBe(200);
    const image = { type: 'image_url', image_url: { url: `${trap.url}/image.png` } };
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, image] }];
    expect((await gateway.chat({ ...fields, messages })).status).toBe(200);
    for (const name of [trap.url, `${trap.url}/v1`, `${model}@${trap.url}`, '../admin', `//${host}`]) {
      expect((await gateway.chat({ model: name })).status).toBe(404);
    }

    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], stream: true });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(
      `POST ${trap.url}/v1/chat/completions HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${testKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    expect(await readText(socket)).toMatch(/^HTTP\/1\.1 (200|400) /);
    expect(trap.asked).toEqual([]);
    expect(upstream.calls.length).toBeGreaterThanOrEqual(2);
    expect(new Set(upstream.calls.map(({ path }) => path))).toEqual(new Set(['/v1/chat/completions']));
    trap.close();
  });

  it('by a manifest, unless it is an administrator’s', async () => {
    const trap = await openTrap();
    const { secret } = await gateway.makeKey();
    const version = { runtime: 'openai-compatible', baseUrl: `${trap.url}/v1`, model: 'm' };
    const manifest = {
      apiVersion: 'scarmonit/v1',
      models: { m: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': version } } },
    };
    const response = await fetch(`${gateway.url}/api/admin/manifest`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'text/yaml' },
      body: JSON.stringify(manifest),
    });
    expect(response.status).toBe(403);
    expect((await gateway.chat({ model: 'm' })).status).toBe(404);
    expect(trap.asked).toEqual([]);
    trap.close();
  });
});
