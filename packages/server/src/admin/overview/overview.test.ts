import { metricsSeriesSchema } from '@scarmonit/protocol/admin/metrics';
import { overviewSchema } from '@scarmonit/protocol/admin/overview';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';
import { secrets } from '../../../test/fake-services.ts';

const read = (path: string, secret = secrets.read) =>
  createTestApi().fetch(path, { headers: { authorization: `Bearer ${secret}` } });

describe('GET /api/admin/overview', () => {
  it('tells figures, and why where there are none', async () => {
    const text = await (await read('/api/admin/overview')).text();
    const { models } = overviewSchema.parse(JSON.parse(text));
    expect(models[0]).toMatchObject({ model: 'chat-model', candidate: null });
    expect(models[0]?.figures.latencyP95Ms).toEqual({
      figure: { value: 450, interval: null, samples: 100 },
      goal: { target: 500, isMet: true, budgetLeft: 0.4 },
      series: null,
    });
    expect(models[0]?.figures.errorRate).toEqual({
      figure: { value: 0.01, interval: { low: 0.002, high: 0.05 }, samples: 100 },
      goal: { target: 0.01, isMet: null, budgetLeft: null },
      series: [0, null],
    });
    expect(models[0]?.figures.uptime.figure).toEqual({ value: null, reason: 'No requests in this time.' });
    expect(models[0]?.versions[0]?.accuracy).toEqual({ value: null, reason: 'No labels yet.' });
  });

  it('tells of the whole project what was refused before a model was chosen, and of no one model', async () => {
    const all = overviewSchema.parse(await (await read('/api/admin/overview')).json());
    expect(all.refused).toMatchObject({ unauthenticated: 4, rate_limited: 2, unknown_model: 1, forbidden: 0 });
    const one = overviewSchema.parse(await (await read('/api/admin/overview?model=chat-model')).json());
    expect(one.refused).toBeNull();
  });

  it.each([
    ['', 3_600_000],
    ['?window=15m', 15 * 60_000],
    ['?window=24h', 86_400_000],
    ['?window=30d', 30 * 86_400_000],
  ])('reads the window of %j', async (query, to) => {
    expect(await (await read(`/api/admin/overview${query}`)).json()).toMatchObject({ from: 0, to });
  });

  it.each(['0m', '5', '1w', '-1h', '1.5h', '10000d'])('refuses the window %s', async (window) => {
    const response = await read(`/api/admin/overview?window=${window}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'window' } });
  });

  it('knows no other model, and tells nobody who may only infer', async () => {
    expect((await read('/api/admin/overview?model=nope')).status).toBe(404);
    expect((await read('/api/admin/overview', secrets.infer)).status).toBe(403);
  });
});

describe('GET /api/admin/metrics/series', () => {
  it('tells one line, or one for each version', async () => {
    const all = await (await read('/api/admin/metrics/series?model=chat-model&window=24h')).json();
    expect(metricsSeriesSchema.parse(all)).toMatchObject({ to: 86_400_000, lines: [{ version: null }] });
    const each = await (await read('/api/admin/metrics/series?model=chat-model&by=version')).json();
    expect(metricsSeriesSchema.parse(each)).toMatchObject({ to: 3_600_000, lines: [{ version: '1.0.0' }] });
  });

  it.each(['', '?model=chat-model&by=route', '?model=chat-model&window=x'])('refuses %j', async (query) => {
    expect((await read(`/api/admin/metrics/series${query}`)).status).toBe(400);
  });
});
