import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { type OverviewView, overviewSchema } from '@scarmonit/protocol/admin/overview';
import { type PredictionPage, predictionPageSchema } from '@scarmonit/protocol/admin/prediction';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ComposedApp, compose } from '../../worker/compose.ts';
import type { Env } from '../../worker/env.ts';

const adminKey = 'sk-scarmonit-only-for-tests';
const model = 'llama-3-8b-instruct';
const minuteMs = 60_000;

/** An isolate of its own. @param run what Workers AI does */
function openIsolate(run: () => Promise<unknown> = async () => ({ response: 'Hello' })): ComposedApp {
  return compose({
    ...(env as unknown as Env),
    AI: { run },
    API_KEY: adminKey,
    ENCRYPTION_KEY: '0123456789abcdef',
    MIGRATE_AT_START: 'true',
  });
}

async function ask(app: ComposedApp, path: string, body?: unknown): Promise<Response> {
  await app.prepare();
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { authorization: `Bearer ${adminKey}` };
  return app.fetch(new Request(`https://agent.example.com${path}`, { ...init, headers }));
}

const chat = async (app: ComposedApp, user: string): Promise<number> => {
  const response = await ask(app, '/v1/chat/completions', { model, user, messages: [{ role: 'user', content: 'Hi' }] });
  await response.text();
  return response.status;
};

const overview = async (app: ComposedApp): Promise<OverviewView['models'][number] | undefined> => {
  const text = await (await ask(app, `/api/admin/overview?model=${model}&window=15m`)).text();
  return overviewSchema.parse(JSON.parse(text)).models[0];
};

/** Records are stored behind the answers. @param least as many as there must be */
const recordsOf = (app: ComposedApp, least: number): Promise<PredictionPage['data']> =>
  vi.waitFor(async () => {
    const { data } = predictionPageSchema.parse(JSON.parse(await (await ask(app, '/api/admin/predictions')).text()));
    expect(data.length).toBeGreaterThanOrEqual(least);
    return data;
  }, 10_000);

describe('figures of isolates over one store', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(async () => {
    vi.useRealTimers();
    await reset();
  });
  const pass = (ms: number): number => {
    vi.setSystemTime(Date.now() + ms);
    return Date.now();
  };

  it('add up, and equal those of the records', async () => {
    const well = [openIsolate(), openIsolate()];
    const failing = openIsolate(() => Promise.reject(new Error('The model broke.')));
    for (const user of ['ann', 'ben', 'ann']) for (const app of well) expect(await chat(app, user)).toBe(200);
    expect(await chat(failing, 'cat')).toBeGreaterThanOrEqual(500);
    for (const app of [...well, failing]) await overview(app);

    const reader = openIsolate();
    const data = await recordsOf(reader, 7);
    const judged = data.filter(({ outcome }) => outcome === 'ok' || outcome === 'error');
    const told = await overview(reader);
    expect(told?.versions.reduce((sum, { requests }) => sum + requests, 0)).toBe(data.length);
    expect(told?.figures.errorRate.figure).toMatchObject({
      value: judged.filter(({ outcome }) => outcome === 'error').length / judged.length,
      samples: judged.length,
    });
    expect(told?.figures.activeUsers5m.figure).toMatchObject({ value: 3 });
  });

  it('tell what was refused before a model was chosen, whichever isolate refused it', async () => {
    const body = { model: 'nobody', messages: [{ role: 'user', content: 'Hi' }] };
    const apps = [openIsolate(), openIsolate()];
    for (const app of apps) {
      expect((await ask(app, '/v1/chat/completions', body)).status).toBe(404);
      const request = new Request('https://agent.example.com/v1/chat/completions', { method: 'POST', body: '{}' });
      expect((await app.fetch(request)).status).toBe(401);
    }
    const readRefused = async () => {
      const text = await (await ask(openIsolate(), '/api/admin/overview?window=15m')).text();
      return overviewSchema.parse(JSON.parse(text)).refused;
    };
    pass(11_000);
    // What came within ten seconds of a write waits for the next one, as the first request after that makes it.
    for (const app of apps) await overview(app);
    expect(await readRefused()).toMatchObject({ unauthenticated: 2, unknown_model: 2, rate_limited: 0 });
  });

  it('tell from heartbeats, whichever isolate the cron wakes, how long nothing could serve', async () => {
    const now = Date.now();
    await openIsolate().prepare();
    for (let minute = 0; minute < 3; minute += 1) {
      const app = openIsolate();
      await app.prepare();
      await app.runEveryMinute(now + minute * minuteMs);
    }
    pass(10 * minuteMs);
    const back = openIsolate();
    await back.prepare();
    await back.runEveryMinute(now + 10 * minuteMs);
    // Up for three minutes, counting from the first heartbeat to a minute after the last, and then from the last one on.
    const figure = (await overview(back))?.figures.uptime.figure;
    expect(figure?.value).toBeCloseTo(3 / 10, 2);
    expect(figure).toMatchObject({ samples: 2 });
  });

  it('are summed up by the cron and lose nothing', async () => {
    const app = openIsolate();
    const start = Date.now();
    await chat(app, 'ann');
    await overview(app);
    await recordsOf(app, 1);
    await app.runEveryMinute(pass(3 * 60 * minuteMs));
    const { results } = await (env as unknown as Env).DB.prepare(
      "select requests from metric_rows where tier = 'hour' and started_at <= ?",
    )
      .bind(start)
      .all();
    expect(results).toEqual([{ requests: 1 }]);
    const text = await (await ask(app, `/api/admin/overview?model=${model}&window=24h`)).text();
    const [told] = overviewSchema.parse(JSON.parse(text)).models;
    expect(told?.versions).toMatchObject([{ requests: 1 }]);
  });
});
