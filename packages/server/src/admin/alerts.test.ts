import { alertReportSchema, alertTestReportSchema, silenceSchema } from '@scarmonit/protocol/admin/alert';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../test/create-test-api.ts';
import { secrets } from '../../test/fake-services.ts';

const path = '/api/admin/alerts';
const send = (api: TestApi, method: string, to: string, body?: unknown, secret = secrets.admin) =>
  api.fetch(to, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const read = async (api: TestApi) =>
  alertReportSchema.parse(await (await send(api, 'GET', path, undefined, secrets.read)).json());

describe('/api/admin/alerts', () => {
  it('shows what fires, and where it is told', async () => {
    const report = await read(createTestApi());
    expect(report.firing).toMatchObject([
      {
        rule: 'error-rate/chat-model/page',
        severity: 'page',
        model: 'chat-model',
        version: null,
        resolvedAt: null,
        silencedBy: null,
        deliveries: [{ channel: 'slack', delivered: false, problem: 'answered 500' }],
      },
    ]);
    expect(report.channels).toEqual([{ channel: 'slack', target: 'hooks.example.com' }]);
    expect(report.evaluatedAt).toBeNull();
  });

  it('silences in the name of the key, and ends it', async () => {
    const api = createTestApi();
    const wanted = { model: 'chat-model', kind: 'latency', minutes: 90, reason: 'the upstream is moved' };
    const response = await send(api, 'POST', `${path}/silences`, wanted);
    expect(response.status).toBe(201);
    const silence = silenceSchema.parse(await response.json());
    const { minutes: _, ...matchers } = wanted;
    expect(silence).toMatchObject({ ...matchers, rule: null, createdBy: 'sk-adm', until: 90 * 60_000 });
    expect((await read(api)).silences).toEqual([silence]);
    const ended = await send(api, 'DELETE', `${path}/silences/${silence.id}`);
    expect(alertReportSchema.parse(await ended.json()).silences).toEqual([]);
    expect((await send(api, 'DELETE', `${path}/silences/${silence.id}`)).status).toBe(404);
  });

  it.each([
    [{ minutes: 5, reason: 'why' }, null, /say what is silenced by rule, model or kind/],
    [{ model: 'chat-model', reason: 'why' }, 'minutes', /'minutes'/],
    [{ model: 'chat-model', minutes: 50_000, reason: 'why' }, 'minutes', /43200/],
    [{ model: 'chat-model', minutes: 5, reason: ' ' }, 'reason', /'reason'/],
    [{ kind: 'noise', minutes: 5, reason: 'why' }, 'kind', /error-rate/],
    [{ modell: 'chat-model', minutes: 5, reason: 'why' }, 'modell', /Unknown parameter: 'modell'/],
  ])('refuses to silence %j', async (body, param, message) => {
    const response = await send(createTestApi(), 'POST', `${path}/silences`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, message: expect.stringMatching(message) } });
  });

  it('is tested by an admin key, and by no other', async () => {
    const api = createTestApi();
    expect((await send(api, 'POST', `${path}/test`, {}, secrets.read)).status).toBe(403);
    const report = alertTestReportSchema.parse(await (await send(api, 'POST', `${path}/test`, {})).json());
    expect(report).toMatchObject({
      passed: true,
      deliveries: [{ channel: 'slack', delivered: true, problem: null, elapsedMs: 12 }],
      receipts: [{ sequence: 1, model: 'chat-model', version: '1.0.0' }],
    });
  });
});
