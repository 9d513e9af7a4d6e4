import { errorResponseSchema } from '@scarmonit/protocol/openai/error';
import { describe, expect, it } from 'vitest';
import { describeApi } from '../src/api/openapi/route.ts';
import { routes } from '../src/routes.ts';
import { createTestApi, type TestApi } from './create-test-api.ts';
import { secrets } from './fake-services.ts';

/** A small limit, so that the tests need no large bodies. */
const maxBodyBytes = 1000;

const table = [...routes, describeApi(routes)].map((route) => ({
  ...route,
  name: `${route.method} ${route.path}`,
  url: route.path.replace(':id', 'key-infer').replace(':name', 'chat-model'),
}));
const guarded = table.filter(({ access }) => access !== 'public');
const withBody = table.filter(({ method }) => method === 'POST' || method === 'PUT');
const withJson = withBody.filter(({ operation }) => operation.body?.contentType === 'application/json');

async function expectError(response: Response, status: number, code: string | null): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const { error } = errorResponseSchema.parse(await response.json());
  expect(error).toMatchObject({ type: 'invalid_request_error', code });
}

function send(api: TestApi, route: (typeof table)[number], init: RequestInit): Promise<Response> {
  return api.fetch(route.url, {
    method: route.method,
    ...(withBody.includes(route) ? { body: '{}' } : {}),
    ...init,
  });
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** A key that may do something, but not what the route asks for. */
const wrongKeyFor = (access: string): string => (access === 'infer' ? secrets.read : secrets.infer);

describe.each(guarded)('$name', (route) => {
  it('asks for a key', async () => {
    await expectError(await send(createTestApi(), route, {}), 401, null);
  });

  it('refuses a key that it does not know', async () => {
    await expectError(await send(createTestApi(), route, { headers: bearer('sk-wrong') }), 401, 'invalid_api_key');
  });

  it('refuses another scheme than Bearer', async () => {
    const headers = { authorization: `Basic ${secrets.admin}` };
    await expectError(await send(createTestApi(), route, { headers }), 401, null);
  });

  it('refuses a key without its scope', async () => {
    const headers = bearer(wrongKeyFor(route.access));
    await expectError(await send(createTestApi(), route, { headers }), 403, 'insufficient_permissions');
  });
});

describe.each(withBody)('$name', (route) => {
  const tooLarge = 'x'.repeat(maxBodyBytes + 1);

  it('refuses a body that says it is too large', async () => {
    const headers = { ...bearer(secrets.admin), 'content-length': String(tooLarge.length) };
    const response = await send(createTestApi({ maxBodyBytes }), route, { headers, body: tooLarge });
    await expectError(response, 413, 'payload_too_large');
  });

  it('refuses a body of unknown length once it is too large, and reads no further', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new TextEncoder().encode('x'.repeat(400)));
      },
    });
    const init: RequestInit & { duplex: 'half' } = { headers: bearer(secrets.admin), body: endless, duplex: 'half' };
    await expectError(await send(createTestApi({ maxBodyBytes }), route, init), 413, 'payload_too_large');
    expect(sent).toBeLessThan(6);
  });
});

describe.each(withJson)('$name', (route) => {
  it.each(['', '{"a":', 'null x'])('refuses malformed JSON: %j', async (body) => {
    await expectError(
      await send(createTestApi(), route, { headers: bearer(secrets.admin), body }),
      400,
      'invalid_json',
    );
  });

  it.each(['[]', '5', 'null'])('refuses JSON that is no object: %s', async (body) => {
    await expectError(
      await send(createTestApi(), route, { headers: bearer(secrets.admin), body }),
      400,
      'invalid_type',
    );
  });
});

describe.each(table)('$name', (route) => {
  it('answers another method with 405 and the methods that are allowed', async () => {
    const response = await createTestApi().fetch(route.url, { method: 'PATCH' });
    expect(response.headers.get('allow')).toContain(route.method);
    await expectError(response, 405, 'method_not_supported');
  });
});

describe('an unknown route', () => {
  it.each(['/', '/v1', '/v1/unknown', '/api/admin/unknown', '/v1/chat/completions/x'])('%s is 404', async (path) => {
    await expectError(await createTestApi().fetch(path, { headers: bearer(secrets.admin) }), 404, 'not_found');
  });
});

describe('the id of a request', () => {
  it('is the one that the client sent, where it is sane', async () => {
    const response = await createTestApi().fetch('/healthz', { headers: { 'x-request-id': 'trace-1.2:3' } });
    expect(response.headers.get('x-request-id')).toBe('trace-1.2:3');
  });

  it.each(['', 'two words', 'x'.repeat(129), '{"a":1}'])('is a new one for %j', async (wanted) => {
    const response = await createTestApi().fetch('/healthz', { headers: { 'x-request-id': wanted } });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });
});

describe('CORS', () => {
  const origin = 'https://portal.example';
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };

  it('is off by default', async () => {
    const response = await createTestApi().fetch('/healthz', { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect((await createTestApi().fetch('/v1/models', preflight)).status).toBe(405);
  });

  it('lets the origins in that the host names, and no other', async () => {
    const api = createTestApi({ cors: { origins: [origin] } });
    const allowed = await api.fetch('/v1/chat/completions', preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    const answer = await api.fetch('/v1/models', { headers: { origin, ...bearer(secrets.infer) } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    const other = await api.fetch('/v1/models', {
      headers: { origin: 'https://evil.example', ...bearer(secrets.infer) },
    });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});
