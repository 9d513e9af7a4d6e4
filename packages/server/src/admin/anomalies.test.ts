import { anomalyPageSchema } from '@scarmonit/protocol/admin/anomaly';
import { driftReportSchema } from '@scarmonit/protocol/admin/drift';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../test/create-test-api.ts';
import { secrets } from '../../test/fake-services.ts';

const send = (api: TestApi, method: string, path: string, body?: unknown, secret = secrets.admin) =>
  api.fetch(path, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const read = (api: TestApi, path: string) => send(api, 'GET', path, undefined, secrets.read);

describe('/api/admin/anomalies', () => {
  const list = async (query = '') =>
    anomalyPageSchema.parse(await (await read(createTestApi(), `/api/admin/anomalies${query}`)).json());

  it('lists them newest first, in words', async () => {
    const page = await list();
    expect(page).toMatchObject({ open: 1, nextBefore: null });
    expect(page.data.map(({ summary, factor, until }) => [summary, factor, until])).toEqual([
      ['key sk-inf made 41× its usual requests: 1,230 in 5 minutes, usually 30', 41, null],
      [
        'model chat-model had far more than its usual errors: 25 % of requests failed, usually 0 %',
        null,
        1_790_000_100_000,
      ],
    ]);
  });

  it('pages by one more than it shows, and filters', async () => {
    expect((await list('?limit=1')).nextBefore).toBe('an_2');
    expect((await list('?limit=1&before=an_2')).data.map(({ id }) => id)).toEqual(['an_1']);
    expect((await list('?open=true')).data.map(({ id }) => id)).toEqual(['an_2']);
    expect((await list('?open=false')).data.map(({ id }) => id)).toEqual(['an_1']);
    expect((await list('?kind=key&subject=key-infer')).data).toHaveLength(1);
    expect((await list('?kind=model&subject=key-infer')).data).toEqual([]);
  });

  it.each(['?limit=0', '?open=perhaps', '?kind=team'])('refuses %s', async (query) => {
    expect((await read(createTestApi(), `/api/admin/anomalies${query}`)).status).toBe(400);
  });
});

describe('/api/admin/drift', () => {
  const report = async (api: TestApi, query = '') =>
    driftReportSchema.parse(await (await read(api, `/api/admin/drift${query}`)).json());

  it('tells figures, evidence and words of each distribution', async () => {
    const { data } = await report(createTestApi());
    const [label, script] = data;
    expect(label).toMatchObject({
      feature: 'label',
      state: 'watching',
      referenceDays: 14,
      referenceRequests: 4_200,
      days: 1,
      tolerated: 0.018,
      evidenceNeeded: 800,
      driftedAt: null,
      bins: [
        { bin: 'good', reference: 0.5, lately: 0.1 },
        { bin: 'bad', reference: 0.5, lately: 0.9 },
      ],
    });
    expect(label?.psi).toBeCloseTo(0.87, 1);
    expect(label?.evidence).toBeGreaterThan(1);
    expect(script).toMatchObject({ state: 'collecting', referenceDays: 1, referenceRequests: 7, psi: null, bins: [] });
    expect(script?.summary).toContain('1 of 14 days so far');
  });

  it('tells of one model, and of none that it does not know', async () => {
    expect((await report(createTestApi(), '?model=label-model')).data).toHaveLength(2);
    expect((await report(createTestApi(), '?model=nope')).data).toEqual([]);
  });

  it('takes a data set as the reference of the stable version, for an admin key', async () => {
    const api = createTestApi();
    const path = '/api/admin/drift/reference';
    const examples = Array.from({ length: 300 }, (_, place) => ({
      input: 'What a film!',
      output: place % 3 === 0 ? 'bad' : 'good',
      inputTokens: null,
      requestId: 'of an export',
    }));
    expect((await send(api, 'PUT', path, { model: 'label-model', examples }, secrets.read)).status).toBe(403);
    expect((await send(api, 'PUT', path, { model: 'nobody', examples })).status).toBe(404);
    expect((await send(api, 'PUT', path, { model: 'label-model', version: '7.7.7', examples })).status).toBe(404);
    expect((await send(api, 'PUT', path, { model: 'label-model', examples: [] })).status).toBe(400);
    expect((await send(api, 'PUT', path, { model: 'label-model', examples: [{ input: 7 }] })).status).toBe(400);
    const few = await send(api, 'PUT', path, { model: 'label-model', examples: examples.slice(0, 3) });
    expect(await few.json()).toMatchObject({ error: { param: 'examples', code: 'too_few_examples' } });
    expect(await (await send(api, 'PUT', path, { model: 'label-model', examples })).json()).toEqual({
      model: 'label-model',
      version: '1.0.0',
      features: [
        { feature: 'script', examples: 300, isReference: true },
        { feature: 'label', examples: 300, isReference: true },
      ],
    });
    const { data } = await report(api);
    expect(data.find(({ feature }) => feature === 'label')).toMatchObject({
      state: 'watching',
      referenceDays: 0,
      referenceRequests: 300,
      bins: [
        { bin: 'bad', reference: 1 / 3, lately: 0 },
        { bin: 'good', reference: 2 / 3, lately: 0 },
      ],
    });
    expect(JSON.stringify(data)).not.toContain('film');
  });

  it('begins a new reference for an admin key, and for no other', async () => {
    const api = createTestApi();
    const path = '/api/admin/drift/reference';
    expect((await send(api, 'POST', path, { model: 'label-model' }, secrets.read)).status).toBe(403);
    expect((await send(api, 'POST', path, {})).status).toBe(400);
    expect((await send(api, 'POST', path, { model: 'label-model', since: 3 })).status).toBe(400);
    expect(await (await send(api, 'POST', path, { model: 'label-model' })).json()).toEqual({ features: 2 });
    expect((await report(api)).data).toEqual([]);
  });
});
