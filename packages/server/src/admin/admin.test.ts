import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { createdKeySchema, keyListSchema, keySchema } from '@scarmonit/protocol/admin/key';
import { manifestChangesSchema } from '@scarmonit/protocol/admin/manifest';
import { modelViewListSchema, modelViewSchema } from '@scarmonit/protocol/admin/model';
import { predictionPageSchema, summarySchema } from '@scarmonit/protocol/admin/prediction';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../test/create-test-api.ts';
import { createdAt, secrets } from '../../test/fake-services.ts';

const send = (api: TestApi, method: string, path: string, body?: string, secret = secrets.admin) =>
  api.fetch(path, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body }),
  });

const read = (api: TestApi, path: string) => send(api, 'GET', path, undefined, secrets.read);

describe('/api/admin/keys', () => {
  it('lists keys without their hashes', async () => {
    const response = await read(createTestApi(), '/api/admin/keys');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(keyListSchema.parse(JSON.parse(text)).data.map(({ id }) => id)).toEqual(['key-infer', 'key-admin']);
    expect(text).not.toContain('cdcd');
  });

  it('makes a key and shows its secret', async () => {
    const api = createTestApi();
    const wanted = { name: 'ci', scopes: ['infer'], models: ['chat-model'], requestsPerMinute: 5 };
    const response = await send(api, 'POST', '/api/admin/keys', JSON.stringify({ ...wanted, expiresAt: null }));
    expect(response.status).toBe(201);
    const { key, secret } = createdKeySchema.parse(await response.json());
    expect(secret).toBe('sk-new-secret');
    expect(key).toMatchObject({ ...wanted, tokensPerMinute: null, expiresAt: null });
    expect(api.state.created).toEqual([wanted]);
  });

  it.each([
    [{ scopes: ['infer'] }, 'name', 'missing_required_parameter'],
    [{ name: ' ', scopes: ['infer'] }, 'name', 'string_below_min_length'],
    [{ name: 'ci', scopes: [] }, 'scopes', 'empty_array'],
    [{ name: 'ci', scopes: ['root'] }, 'scopes[0]', 'invalid_value'],
    [{ name: 'ci', scopes: ['infer'], expiresAt: 'soon' }, 'expiresAt', 'invalid_type'],
  ])('refuses %j, naming %s', async (body, param, code) => {
    const response = await send(createTestApi(), 'POST', '/api/admin/keys', JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, code } });
  });

  it('revokes a key, and says so when there is none', async () => {
    const api = createTestApi();
    const revoked = await send(api, 'DELETE', '/api/admin/keys/key-infer');
    expect(keySchema.parse(await revoked.json())).toMatchObject({ id: 'key-infer', revokedAt: createdAt + 1 });
    const unknown = await send(api, 'DELETE', '/api/admin/keys/nope');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('/api/admin/models', () => {
  it('shows states and figures, batch sizes and memory too', async () => {
    const { data } = modelViewListSchema.parse(await (await read(createTestApi(), '/api/admin/models')).json());
    expect(data.map(({ name }) => name)).toEqual(['chat-model', 'embed-model', 'label-model']);
    const [loaded, idle] = data[0]?.versions ?? [];
    expect(loaded).toMatchObject({ state: 'ready', stats: { residentBytes: 1_000_000, batchSizes: { 1: 3, 8: 2 } } });
    expect(idle?.stats).toBeNull();
  });

  it('shows one', async () => {
    const api = createTestApi();
    const one = modelViewSchema.parse(await (await read(api, '/api/admin/models/chat-model')).json());
    expect(one).toMatchObject({ name: 'chat-model', task: 'chat', stable: '1.0.0', goals: { maxLatencyMs: 500 } });
    expect((await read(api, '/api/admin/models/nope')).status).toBe(404);
  });
});

describe('/api/admin/manifest', () => {
  it('applies the text as it is', async () => {
    const api = createTestApi();
    const response = await send(api, 'PUT', '/api/admin/manifest', 'models: {}\n');
    expect(manifestChangesSchema.parse(await response.json())).toMatchObject({ added: ['chat-model@1.2.0'] });
    expect(api.state.applied).toEqual(['models: {}\n']);
  });

  it('hands on why a manifest is bad', async () => {
    const response = await send(createTestApi(), 'PUT', '/api/admin/manifest', 'bad: 1');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'bad', message: 'Line 1: unknown key `bad`.' } });
  });
});

describe('/api/admin/predictions', () => {
  const prediction = (id: string): Prediction => ({
    id,
    projectId: 'default',
    createdAt,
    requestId: 'req_1',
    keyId: 'key-infer',
    model: 'chat-model',
    version: '1.0.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: false,
    latencyMs: 12.5,
    inputTokens: 1,
    outputTokens: 2,
    costUsd: 0,
  });

  it('pages from the newest to the oldest', async () => {
    const api = createTestApi();
    api.state.predictions = ['5', '4', '3', '2', '1'].map(prediction);
    const pages: string[][] = [];
    let query: string | null = '';
    while (query !== null) {
      const response = await read(api, `/api/admin/predictions?limit=2${query}`);
      const { data, nextBefore } = predictionPageSchema.parse(await response.json());
      pages.push(data.map(({ id }) => id));
      query = nextBefore === null ? null : `&before=${nextBefore}`;
    }
    expect(pages).toEqual([['5', '4'], ['3', '2'], ['1']]);
  });

  it.each(['0', '1001', 'many', '1.5'])('refuses limit=%s', async (limit) => {
    const response = await read(createTestApi(), `/api/admin/predictions?limit=${limit}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'limit' } });
  });
});

describe('/api/admin/summary', () => {
  it('sums up the last day unless told since when', async () => {
    const api = createTestApi();
    const day = summarySchema.parse(await (await read(api, '/api/admin/summary')).json());
    expect(day.since).toBe(createdAt + 500 - 86_400_000);
    expect(day.data[0]).toMatchObject({ model: 'chat-model', requests: 2 });
    const all = summarySchema.parse(await (await read(api, '/api/admin/summary?since=0')).json());
    expect(all.since).toBe(0);
  });
});
