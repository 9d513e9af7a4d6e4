import { portalHeaders } from '@scarmonit/server/portal/portal-headers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorkerHost, type WorkerHost, workerTestKey } from './start-worker-host.ts';

let worker: WorkerHost;
let cookie: string;
beforeAll(async () => {
  worker = await startWorkerHost();
});
afterAll(() => worker?.close());

/** As a browser that opens an address. */
const visit = (path: string): Promise<Response> =>
  fetch(`${worker.url}${path}`, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } });

const callWithCookie = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${worker.url}${path}`, {
    method,
    headers: { cookie, origin: worker.url, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

it.each(['/', '/rollouts/01', '/models/support-chat'])('serves the page at %s, with its headers', async (path) => {
  const response = await visit(path);
  expect(await response.text()).toContain('<title>Scarmonit</title>');
  expect(Object.fromEntries(response.headers)).toMatchObject(portalHeaders);
});

it('lets browsers keep what is named by its content', async () => {
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await visit('/')).text())?.[1] ?? '';
  const response = await fetch(`${worker.url}${script}`);
  expect(response.headers.get('content-type')).toMatch(/javascript/);
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

it.each(['/v1/nothing', '/api/nothing'])('never serves the page for %s', async (path) => {
  const response = await visit(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json']);
});

it('signs a browser in by cookie, which reads, and changes something from its own pages alone', async () => {
  const signedIn = await fetch(`${worker.url}/api/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: worker.url },
    body: JSON.stringify({ key: workerTestKey }),
  });
  expect(await signedIn.json()).toMatchObject({ host: 'cloudflare' });
  const setCookie = signedIn.headers.get('set-cookie') ?? '';
  expect(setCookie).toMatch(/^scarmonit_session=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  cookie = setCookie.slice(0, setCookie.indexOf(';'));
  expect((await callWithCookie('GET', '/api/admin/keys')).status).toBe(200);
  const foreign = await fetch(`${worker.url}/api/admin/keys`, {
    method: 'POST',
    headers: { cookie, origin: 'https://evil.example', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'stolen', scopes: ['admin'] }),
  });
  expect(foreign.status).toBe(403);
});

it('tells who listens what has changed, also when another who listened has left', async () => {
  const gone = new AbortController();
  const first = await fetch(`${worker.url}/api/admin/events`, { headers: { cookie }, signal: gone.signal });
  expect(first.status).toBe(200);
  const second = await callWithCookie('GET', '/api/admin/events');
  gone.abort();
  const created = await callWithCookie('POST', '/api/admin/keys', { name: 'told of', scopes: ['infer'] });
  expect(created.status).toBe(201);
  let told = '';
  for await (const text of second.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    told += text;
    if (told.includes('"keys"')) break;
  }
  expect(told).toMatch(/^: connected\n\n(?:.*\n)*data: \{"topics":\[.*"keys".*\]\}\n\n$/);
});

it('ends a session when it is signed out', async () => {
  expect((await callWithCookie('DELETE', '/api/admin/session')).status).toBe(200);
  expect((await callWithCookie('GET', '/api/admin/keys')).status).toBe(401);
});
