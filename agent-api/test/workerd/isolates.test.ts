import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ComposedApp, compose } from '../../worker/compose.ts';
import type { Env } from '../../worker/env.ts';

const adminKey = 'sk-scarmonit-only-for-tests';
const bindings = {
  ...(env as unknown as Env),
  AI: { run: async () => ({ response: 'Hello' }) },
  API_KEY: adminKey,
  ENCRYPTION_KEY: '0123456789abcdef',
  MIGRATE_AT_START: 'true',
} satisfies Env;

interface Isolate {
  readonly app: ComposedApp;
  ask(
    path: string,
    options?: { method?: string; key?: string; body?: string },
  ): Promise<{ status: number; json: Answer }>;
}

interface Answer {
  readonly data?: readonly { readonly id: string }[];
  readonly key?: { readonly id: string };
  readonly secret?: string;
  readonly reasons?: readonly string[];
  readonly error?: { readonly code: string };
}

/** An isolate of its own: nothing that it has in memory is known to another. */
function openIsolate(changed: Partial<Env> = {}): Isolate {
  const app = compose({ ...bindings, ...changed });
  return {
    app,
    async ask(path, { method = 'GET', key = adminKey, body } = {}) {
      await app.prepare();
      const headers = { authorization: `Bearer ${key}` };
      const request = new Request(`https://agent.example.com${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const response = await app.fetch(request);
      return { status: response.status, json: await response.json() };
    },
  };
}

/** A D1 that fails the statements it is told to. */
function openFailing(fails: (sql: string) => boolean): D1Database {
  return {
    prepare: (sql: string) => {
      if (fails(sql)) throw new Error('D1 is away');
      return bindings.DB.prepare(sql);
    },
    batch: (statements: D1PreparedStatement[]) => bindings.DB.batch(statements),
  } as unknown as D1Database;
}

const manifest =
  'apiVersion: scarmonit/v1\nmodels:\n  other:\n    task: chat\n    stable: 1.0.0\n    versions:\n' +
  '      1.0.0: { runtime: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", model: any }\n';
const modelsOf = async (isolate: Isolate) => (await isolate.ask('/v1/models')).json.data?.map(({ id }) => id);

describe('isolates over one store', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(async () => {
    vi.useRealTimers();
    await reset();
  });
  const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

  it('know a new key, and that it was revoked, after five seconds at the latest', async () => {
    const [here, there] = [openIsolate(), openIsolate()];
    await there.ask('/v1/models');
    const { json } = await here.ask('/api/admin/keys', { method: 'POST', body: '{"name":"n","scopes":["infer"]}' });
    const { secret: key = '', key: made } = json;
    expect((await here.ask('/v1/models', { key })).status).toBe(200);
    expect((await there.ask('/v1/models', { key })).status).toBe(401);
    pass(5_000);
    expect((await there.ask('/v1/models', { key })).status).toBe(200);
    await here.ask(`/api/admin/keys/${made?.id}`, { method: 'DELETE' });
    expect((await here.ask('/v1/models', { key })).status).toBe(401);
    pass(5_000);
    expect((await there.ask('/v1/models', { key })).status).toBe(401);
  });

  it('go on serving when the first admin key is revoked, also those that start later', async () => {
    const here = openIsolate();
    const { json } = await here.ask('/api/admin/keys', { method: 'POST', body: '{"name":"n","scopes":["admin"]}' });
    const key = json.secret ?? '';
    const { data = [] } = (await here.ask('/api/admin/keys', { key })).json;
    const first = data.find(({ id }) => id !== json.key?.id);
    expect((await here.ask(`/api/admin/keys/${first?.id}`, { method: 'DELETE', key })).status).toBe(200);
    const later = openIsolate();
    expect((await later.ask('/v1/models', { key })).status).toBe(200);
    expect((await later.ask('/v1/models')).status).toBe(401);
  });

  it('serve the models of Workers AI until a manifest is applied, and then what it says', async () => {
    const [here, there] = [openIsolate(), openIsolate()];
    expect(await modelsOf(there)).toEqual(['llama-3-8b-instruct', 'bge-base-en-v1.5', 'distilbert-sst-2-int8']);
    const applied = await here.ask('/api/admin/manifest', { method: 'PUT', body: manifest });
    expect(applied).toMatchObject({ status: 200, json: { added: ['other@1.0.0'] } });
    expect(await modelsOf(here)).toEqual(['other']);
    pass(5_000);
    expect(await modelsOf(there)).toEqual(['other']);
    // A cold start finds the text beside it, and one that is behind is not used.
    expect(await modelsOf(openIsolate())).toEqual(['other']);
    await bindings.MODEL_CACHE.put('model:config', JSON.stringify({ revision: 0, text: 'models: {}' }));
    expect(await modelsOf(openIsolate())).toEqual(['other']);
  });

  it('follow a manifest that moves the stable version, each to the same', async () => {
    const [here, there] = [openIsolate(), openIsolate()];
    const both =
      manifest.replace('stable: 1.0.0', 'stable: 1.1.0') +
      manifest.slice(manifest.indexOf('      1.0.0:')).replace('1.0.0', '1.1.0');
    await here.ask('/api/admin/manifest', { method: 'PUT', body: manifest });
    await there.ask('/v1/models');
    const moved = await here.ask('/api/admin/manifest', { method: 'PUT', body: both });
    expect(moved).toMatchObject({ status: 200, json: { added: ['other@1.1.0'] } });
    pass(5_000);
    const view = async (isolate: Isolate) => (await isolate.ask('/api/admin/models')).json;
    const [seenHere, seenThere] = [await view(here), await view(there)];
    expect(seenThere).toEqual(seenHere);
    expect(await modelsOf(openIsolate())).toEqual(['other']);
    const again = await there.ask('/api/admin/manifest', { method: 'PUT', body: both });
    expect(again).toMatchObject({ status: 200, json: { added: [], unchanged: ['other@1.0.0', 'other@1.1.0'] } });
  });

  it('refuse the second of two manifests that are applied at once in two of them', async () => {
    const isolates = [openIsolate(), openIsolate()];
    await Promise.all(isolates.map((isolate) => isolate.ask('/v1/models')));
    const answers = await Promise.all(
      isolates.map((isolate, index) =>
        isolate.ask('/api/admin/manifest', { method: 'PUT', body: manifest.replace('other', `other-${index}`) }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = `other-${answers.findIndex(({ status }) => status === 200)}`;
    pass(5_000);
    for (const isolate of isolates) expect(await modelsOf(isolate)).toEqual([winner]);
  });

  it('take up a manifest that the store failed in the middle of, as soon as it answers again', async () => {
    const here = openIsolate();
    await here.ask('/api/admin/manifest', { method: 'PUT', body: manifest });
    let isAway = true;
    const there = openIsolate({ DB: openFailing((sql) => isAway && sql.includes('traffic')) });
    await expect(there.app.prepare()).rejects.toThrow('D1 is away');
    isAway = false;
    expect(await modelsOf(there)).toEqual(['other']);
    isAway = true;
    await here.ask('/api/admin/manifest', { method: 'PUT', body: manifest.replace('other', 'newest') });
    pass(6_000);
    expect(await modelsOf(there)).toEqual(['other']);
    isAway = false;
    pass(1_000);
    expect(await modelsOf(there)).toEqual(['newest']);
  });

  it('refuse a manifest that fits no row of D1, and go on with the one before', async () => {
    const isolate = openIsolate();
    const comment = `# ${'x'.repeat(1_000_000)}\n`;
    const refused = await isolate.ask('/api/admin/manifest', { method: 'PUT', body: manifest + comment });
    expect(refused).toMatchObject({ status: 413, json: { error: { code: 'manifest_too_large' } } });
    expect(await modelsOf(isolate)).toContain('llama-3-8b-instruct');
  });

  it('count each request once, wherever it was answered, in what collectors are shown', async () => {
    const isolates = [openIsolate(), openIsolate()];
    const body = JSON.stringify({ model: 'llama-3-8b-instruct', messages: [{ role: 'user', content: 'Hello' }] });
    for (const isolate of [...isolates, ...isolates]) {
      expect((await isolate.ask('/v1/chat/completions', { method: 'POST', body })).status).toBe(200);
    }
    const readMetrics = async () => {
      const headers = { authorization: `Bearer ${adminKey}` };
      const answer = await isolates[0]?.app.fetch(new Request('https://agent.example.com/metrics', { headers }));
      return (await answer?.text())?.split('\n').filter((line) => line.startsWith('scarmonit_edge_requests'));
    };
    const labels = 'model="llama-3-8b-instruct",version="1.0.0",outcome="ok"';
    // What comes within a second of the last parcel waits for the next.
    await expect.poll(readMetrics, { timeout: 5_000 }).toEqual([`scarmonit_edge_requests_total{${labels}} 4`]);
  });

  it('believe CF-Connecting-IP only where they are told that nobody else can write it', async () => {
    const logged = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const addresses = [];
    for (const TRUST_CF_CONNECTING_IP of ['true', 'false']) {
      const { app } = openIsolate({ ACCESS_LOG: 'true', TRUST_CF_CONNECTING_IP });
      await app.prepare();
      const headers = { authorization: `Bearer ${adminKey}`, 'cf-connecting-ip': '203.0.113.7' };
      await app.fetch(new Request('https://agent.example.com/v1/models', { headers }));
      addresses.push(JSON.parse(String(logged.mock.lastCall?.[0])).clientAddress);
    }
    expect(addresses).toEqual(['203.0.113.7', undefined]);
    logged.mockRestore();
  });

  it('start together on an empty store', async () => {
    const isolates = Array.from({ length: 4 }, () => openIsolate());
    const answers = await Promise.all(isolates.map((isolate) => isolate.ask('/v1/models')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('go on with what they know when the store is away, and say so', async () => {
    let isAway = false;
    const DB = openFailing(() => isAway);
    const isolate = openIsolate({ DB });
    await isolate.ask('/v1/models');
    isAway = true;
    pass(6_000);
    expect((await isolate.ask('/v1/models')).status).toBe(200);
    expect(await isolate.ask('/readyz')).toMatchObject({
      status: 503,
      json: { reasons: ['the store cannot be read'] },
    });
    await expect(openIsolate({ DB }).app.prepare()).rejects.toThrow('D1 is away');
  });

  it('refuse a store that was not migrated', async () => {
    await expect(openIsolate({ MIGRATE_AT_START: 'false' }).app.prepare()).rejects.toThrow('schema is version 0');
  });

  it('keep the figures of an hour, and records that are old enough in the bucket alone', async () => {
    const isolate = openIsolate({ ARCHIVE_RECORDS: 'true' });
    await isolate.ask('/v1/models');
    const insert = `insert into predictions (id, request_id, project_id, created_at, key_id, model, version, route, outcome,
      status, stream, latency_ms, input_tokens, output_tokens, cost_usd)
      values (?, 'r', 'default', ?, 'k', 'm', '1.0.0', '/v1/models', 'ok', 200, 0, 1, 2, 3, 0.5)`;
    const now = Date.UTC(2026, 10, 24, 8, 17);
    await bindings.DB.batch([
      bindings.DB.prepare(insert).bind('old', now - 31 * 86_400_000),
      bindings.DB.prepare(insert).bind('new', now - 60_000),
    ]);
    await isolate.app.runHourly(now);
    const { results } = await bindings.DB.prepare('select id from predictions').all();
    expect(results).toEqual([{ id: 'new' }]);
    const kept = await bindings.MODEL_BUCKET.get('predictions/2026-10-24/old.ndjson');
    expect(JSON.parse((await kept?.text()) ?? '')).toMatchObject({ id: 'old', model: 'm', costUsd: 0.5 });
    expect(JSON.parse((await bindings.METRICS.get('metrics:2026-11-24T08')) ?? '')).toMatchObject({
      until: now,
      figures: [
        { model: 'm', version: '1.0.0', outcome: 'ok', requests: 1, inputTokens: 2, outputTokens: 3, costUsd: 0.5 },
      ],
    });
  });
});
