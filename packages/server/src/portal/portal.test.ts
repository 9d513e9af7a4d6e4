import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Topic } from '@scarmonit/core/ports/change-repository';
import type { SessionService } from '@scarmonit/core/sessions/session-service';
import type { Watcher } from '@scarmonit/core/sessions/watch-changes';
import { sessionSchema } from '@scarmonit/protocol/admin/session';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../test/create-test-api.ts';
import { createdAt, createFakeServices, secrets } from '../../test/fake-services.ts';
import type { PortalFile, PortalFiles } from './portal-files.ts';
import { portalHeaders } from './portal-headers.ts';

const token = 'ab'.repeat(32);
const cookie = `theme=dark; scarmonit_session=${token}`;
const sameOrigin = { 'sec-fetch-site': 'same-origin' };

const fileOf = (text: string, contentType: string): PortalFile => ({
  contentType,
  etag: `"${text}"`,
  body: new TextEncoder().encode(text),
  packed: [
    { encoding: 'br', body: new TextEncoder().encode('packed well') },
    { encoding: 'gzip', body: new TextEncoder().encode('packed') },
  ],
});

const files: PortalFiles = {
  find: async (path) =>
    ({
      '/index.html': fileOf('the page', 'text/html; charset=utf-8'),
      '/assets/main-1a2b.js': fileOf('the script', 'text/javascript; charset=utf-8'),
    })[path],
};

/** The app with a portal whose one token stands for the admin key. */
function openPortal() {
  const { services } = createFakeServices();
  const closed: string[] = [];
  const asked: string[] = [];
  const watchers: Watcher[] = [];
  const sessions: SessionService = {
    open: async (secret) => ({
      token,
      key: services.keys.authenticate(secret, 'read'),
      expiresAt: createdAt + 500 + 60_000,
    }),
    authenticate: async (found, scope) => {
      asked.push(found);
      if (found !== token) throw new ScarmonitError('unauthenticated', 'The session has ended.');
      return services.keys.authenticate(secrets.admin, scope);
    },
    close: async (found) => void closed.push(found),
  };
  const changes = {
    watch: (_projectId: string, watcher: Watcher) => {
      watchers.push(watcher);
      return () => void watchers.splice(watchers.indexOf(watcher), 1);
    },
    close: () => undefined,
  };
  const api = createTestApi({ portal: { sessions, changes, host: 'node', files } });
  return { api, asked, closed, watchers };
}

const signIn = (headers: Record<string, string> = sameOrigin, key = secrets.admin): RequestInit => ({
  method: 'POST',
  headers,
  body: JSON.stringify({ key }),
});

describe('signing in', () => {
  it('answers who one is, and sets a cookie out of the reach of scripts', async () => {
    const response = await openPortal().api.fetch('/api/admin/session', signIn());
    expect(response.status).toBe(200);
    expect(sessionSchema.parse(await response.json())).toMatchObject({ key: { name: 'admin' }, host: 'node' });
    expect(response.headers.get('set-cookie')).toBe(
      `scarmonit_session=${token}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax`,
    );
  });

  it('marks the cookie Secure behind a proxy that speaks TLS', async () => {
    const response = await openPortal().api.fetch('/api/admin/session', signIn({ 'x-forwarded-proto': 'https' }));
    expect(response.headers.get('set-cookie')).toMatch(/; SameSite=Lax; Secure$/);
  });

  it('refuses a wrong key and pages of other sites', async () => {
    const { api } = openPortal();
    const wrong = await api.fetch('/api/admin/session', signIn(sameOrigin, 'sk-wrong'));
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    const foreign = await api.fetch('/api/admin/session', signIn({ 'sec-fetch-site': 'cross-site' }));
    expect(foreign.status).toBe(403);
  });

  it('is undone by signing out, which ends the session and takes the cookie', async () => {
    const { api, closed } = openPortal();
    const response = await api.fetch('/api/admin/session', { method: 'DELETE', headers: { cookie, ...sameOrigin } });
    expect(response.headers.get('set-cookie')).toMatch(/^scarmonit_session=; Path=\/; Max-Age=0/);
    expect(closed).toEqual([token]);
  });
});

describe('a session', () => {
  it('lets a browser read', async () => {
    const response = await openPortal().api.fetch('/api/admin/keys', { headers: { cookie } });
    expect(response.status).toBe(200);
  });

  it.each([
    [sameOrigin, 201],
    [{ origin: 'http://127.0.0.1', host: '127.0.0.1' }, 201],
    [{ origin: 'http://evil.example', host: '127.0.0.1' }, 403],
    [{ origin: 'null', host: '127.0.0.1' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1', host: '127.0.0.1' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{}, 403],
  ])('changes something for a request with %o: %i', async (headers, status) => {
    const body = JSON.stringify({ name: 'ci', scopes: ['infer'] });
    const response = await openPortal().api.fetch('/api/admin/keys', {
      method: 'POST',
      headers: { cookie, ...headers } as Record<string, string>,
      body,
    });
    expect(response.status).toBe(status);
  });

  it('that is over is refused', async () => {
    const ended = `scarmonit_session=${'cd'.repeat(32)}`;
    const response = await openPortal().api.fetch('/api/admin/keys', { headers: { cookie: ended } });
    expect(response.status).toBe(401);
  });

  it('is never looked at beside an Authorization header, be it wrong', async () => {
    const { api, asked } = openPortal();
    const right = await api.fetch('/api/admin/keys', { headers: { cookie, authorization: `Bearer ${secrets.read}` } });
    const wrong = await api.fetch('/api/admin/keys', { headers: { cookie, authorization: 'Bearer sk-wrong' } });
    expect([right.status, wrong.status, asked]).toEqual([200, 401, []]);
  });

  it('means nothing where there is no portal', async () => {
    expect((await createTestApi().fetch('/api/admin/keys', { headers: { cookie } })).status).toBe(401);
  });
});

describe('the events', () => {
  it('name what has changed, and end with the host', async () => {
    const { api, watchers } = openPortal();
    const response = await api.fetch('/api/admin/events', { headers: { cookie } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(': connected\n\n');
    const topics: Topic[] = ['keys', 'requests'];
    watchers[0]?.changed(topics);
    watchers[0]?.changed(topics);
    expect((await reader?.read())?.value).toBe('data: {"topics":["keys","requests"]}\n\n');
    watchers[0]?.closed();
    await reader?.read();
    expect((await reader?.read())?.done).toBe(true);
    expect(watchers).toEqual([]);
  });

  it('stop to be looked for when the browser leaves', async () => {
    const { api, watchers } = openPortal();
    const response = await api.fetch('/api/admin/events', { headers: { cookie } });
    expect(watchers).toHaveLength(1);
    await response.body?.cancel();
    expect(watchers).toEqual([]);
  });
});

describe('the files', () => {
  it.each(['/', '/rollouts/01', '/models/support-chat'])('begin with the page at %s', async (path) => {
    const response = await openPortal().api.fetch(path, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(await response.text()).toBe('the page');
    expect(Object.fromEntries(response.headers)).toMatchObject({ ...portalHeaders, 'cache-control': 'no-cache' });
  });

  it('are no page for a program that asks for what is not there', async () => {
    expect((await openPortal().api.fetch('/v2/nothing')).status).toBe(404);
  });

  it('named by their content are kept for good, and sent packed to who can unpack them', async () => {
    const { api } = openPortal();
    const response = await api.fetch('/assets/main-1a2b.js', { headers: { 'accept-encoding': 'gzip, br' } });
    expect([response.headers.get('content-encoding'), await response.text()]).toEqual(['br', 'packed well']);
    for (const accepted of ['gzip', 'gzip;q=1, br;q=0', 'deflate, gzip']) {
      const other = await api.fetch('/assets/main-1a2b.js', { headers: { 'accept-encoding': accepted } });
      expect([other.headers.get('content-encoding'), await other.text()]).toEqual(['gzip', 'packed']);
    }
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const plain = await api.fetch('/assets/main-1a2b.js');
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'the script']);
  });

  it('are not sent again to who has them', async () => {
    const headers = { 'if-none-match': '"the page"' };
    expect((await openPortal().api.fetch('/', { headers })).status).toBe(304);
  });

  it.each(['/v1/nothing', '/api/nothing', '/api', '/healthz/x', '/metrics/x', '/assets/gone-9z.js', '/favicon.ico'])(
    'never stand in for %s',
    async (path) => {
      const response = await openPortal().api.fetch(path);
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json']);
    },
  );

  it('come with the same headers where the platform serves them', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../web-portal/public/_headers'), 'utf8');
    const [everywhere = ''] = text.split('/assets/*');
    const told = everywhere
      .split('\n')
      .slice(1)
      .flatMap((line) => line.trim() || []);
    expect(told).toEqual(Object.entries(portalHeaders).map(([name, value]) => `${name}: ${value}`));
  });
});
