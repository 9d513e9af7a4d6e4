import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { historyPageSchema } from '@scarmonit/protocol/admin/history';
import { receiptPageSchema, receiptReportSchema } from '@scarmonit/protocol/admin/receipt';
import { rolloutDetailSchema, rolloutForecastSchema, rolloutPageSchema } from '@scarmonit/protocol/admin/rollout';
import { selfTestEventSchema, selfTestReportSchema } from '@scarmonit/protocol/admin/self-test';
import { versionRecordListSchema, versionRecordSchema } from '@scarmonit/protocol/admin/version';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../test/create-test-api.ts';
import { secrets } from '../../test/fake-services.ts';

const send = (api: TestApi, method: string, path: string, body?: unknown, secret = secrets.admin) =>
  api.fetch(path, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const read = (api: TestApi, path: string) => send(api, 'GET', path, undefined, secrets.read);
const rollouts = '/api/admin/rollouts';

describe('/api/admin/rollouts', () => {
  it('starts one in the name of the key', async () => {
    const api = createTestApi();
    const wanted = { model: 'chat-model', to: '1.1.0', settings: { steps: [5] }, reason: 'try it' };
    const response = await send(api, 'POST', rollouts, wanted);
    expect(response.status).toBe(201);
    expect(api.state.rollouts.asked).toEqual([{ ...wanted, by: 'sk-adm' }]);
  });

  it('shows gates with evidence and thresholds, and keeps the salt', async () => {
    const text = await (await read(createTestApi(), `${rollouts}/rollout-1`)).text();
    const detail = rolloutDetailSchema.parse(JSON.parse(text));
    expect(detail.gates.map(({ id, logE }) => [id, logE])).toEqual([
      ['maxErrorRate/absolute', -0.5],
      ['maxErrorRate/comparative', -0.5],
    ]);
    expect(detail.gates[0]?.threshold).toBeCloseTo(Math.log(200), 6);
    expect(detail.counts.stable).toEqual({ requests: 95, events: [{ event: 'error', exposed: 95, happened: 1 }] });
    expect(text).not.toContain('secret-salt');
  });

  it('pages by one more than it shows', async () => {
    const api = createTestApi();
    const page = rolloutPageSchema.parse(await (await read(api, `${rollouts}?limit=2&model=chat-model`)).json());
    expect(page.data).toHaveLength(2);
    expect(page.nextBefore).toBe('rollout-1');
    expect(api.state.rollouts.asked).toEqual([{ limit: 3, model: 'chat-model' }]);
  });

  it.each(['pause', 'resume', 'promote', 'rollback', 'abort'])('takes the decision to %s', async (command) => {
    const api = createTestApi();
    const response = await send(api, 'POST', `${rollouts}/rollout-1/${command}`, { reason: 'because', revision: 3 });
    expect(response.status).toBe(200);
    expect(api.state.rollouts.asked).toEqual([
      { id: 'rollout-1', command, by: 'sk-adm', reason: 'because', revision: 3 },
    ]);
  });

  it('answers 409 to a decision on a state that has moved since, and 404 to an unknown id', async () => {
    const stale = await send(createTestApi(), 'POST', `${rollouts}/rollout-1/pause`, { revision: 2 });
    expect(stale.status).toBe(409);
    expect(await stale.json()).toMatchObject({ error: { code: 'revision_conflict' } });
    expect((await read(createTestApi(), `${rollouts}/nope`)).status).toBe(404);
  });

  it('forecasts with null for what never comes', async () => {
    const body = { model: 'chat-model', requestsPerMinute: 0 };
    const forecast = rolloutForecastSchema.parse(
      await (await send(createTestApi(), 'POST', `${rollouts}/plan`, body)).json(),
    );
    expect(forecast.minutes).toBeNull();
    expect(forecast.fitsDeadline).toBe(false);
  });
});

describe('/api/admin/rollouts/self-test', () => {
  it('is run in the name of an admin key, and for no other', async () => {
    const api = createTestApi();
    const path = `${rollouts}/self-test`;
    expect((await send(api, 'POST', path, {}, secrets.read)).status).toBe(403);
    expect(api.state.rollouts.asked).toEqual([]);
    const response = await send(api, 'POST', path, {});
    const report = selfTestReportSchema.parse(await response.json());
    expect(report.passed).toBe(true);
    expect(report.cases).toMatchObject([{ name: 'failing', outcome: 'rolled-back', gate: 'maxErrorRate/absolute' }]);
    expect(api.state.rollouts.asked).toEqual([{ selfTest: 'sk-adm' }]);
  });

  const stream = `${rollouts}/self-test?stream=true`;
  const eventsOf = (text: string): unknown[] =>
    [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? ''));
  const progress = [0, 1_000].map((requests) => ({ type: 'progress', name: 'failing', number: 1, of: 1, requests }));

  it('tells as it goes how far it is, and its report at the end', async () => {
    const response = await send(createTestApi(), 'POST', stream, {});
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = eventsOf(await response.text());
    expect(events.slice(0, 2)).toEqual(progress);
    expect(selfTestEventSchema.parse(events[2])).toMatchObject({ type: 'report', report: { passed: true } });
    expect(events).toHaveLength(3);
  });

  it.each([stream, `${rollouts}/self-test`])('is refused with a status while another runs: %s', async (path) => {
    const api = createTestApi();
    api.state.rollouts.selfTest.outcome = 'refusal';
    const response = await send(api, 'POST', path, {});
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'self_test_running' } });
  });

  it('ends its stream with what it failed with, in public words', async () => {
    const api = createTestApi();
    api.state.rollouts.selfTest.outcome = 'failure';
    const text = await (await send(api, 'POST', stream, {})).text();
    expect(eventsOf(text)).toEqual([...progress, { error: expect.objectContaining({ code: 'internal_error' }) }]);
    expect(text).not.toContain('secret');
    expect(api.reported).toHaveLength(1);
  });

  it('is over as soon as its client has left', async () => {
    const api = createTestApi();
    const reader = (await send(api, 'POST', stream, {})).body?.getReader();
    await reader?.read();
    expect(api.state.rollouts.selfTest.isOver).toBe(false);
    await reader?.cancel();
    expect(api.state.rollouts.selfTest.isOver).toBe(true);
    const left = AbortSignal.abort(new ScarmonitError('cancelled', 'The client has left.'));
    const headers = { authorization: `Bearer ${secrets.admin}` };
    const answer = await api.fetch(`${rollouts}/self-test`, { method: 'POST', headers, body: '{}', signal: left });
    expect(await answer.json()).toMatchObject({ error: { code: 'cancelled' } });
  });
});

describe('/api/admin/models/{name}/history', () => {
  it('tells who served, from a time on', async () => {
    const api = createTestApi();
    const path = '/api/admin/models/chat-model/history?limit=1&at=1790000000000';
    const page = historyPageSchema.parse(await (await read(api, path)).json());
    expect(page.data).toMatchObject([{ revision: 2, stable: '1.0.0', candidate: '1.1.0', weight: 0.05 }]);
    expect(page.nextBefore).toBe(2);
    expect(api.state.rollouts.asked).toEqual([{ limit: 2, at: 1_790_000_000_000 }]);
  });
});

describe('/api/admin/models/{name}/versions', () => {
  const path = '/api/admin/models/chat-model/versions';

  it('lists, shows, registers and deprecates', async () => {
    const api = createTestApi();
    const list = versionRecordListSchema.parse(await (await read(api, path)).json());
    expect(list.data.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
    expect((await read(api, `${path}/9.9.9`)).status).toBe(404);
    await send(api, 'PUT', `${path}/1.1.0`, 'runtime: onnx');
    const deprecated = await send(api, 'POST', `${path}/1.0.0/deprecation`, { reason: 'old', sunsetAt: 5 });
    expect(versionRecordSchema.parse(await deprecated.json())).toMatchObject({
      status: 'deprecated',
      deprecation: { decidedBy: 'sk-adm', reason: 'old', sunsetAt: null },
    });
    expect(api.state.rollouts.asked).toEqual([
      'runtime: onnx',
      { deprecated: true, by: 'sk-adm', reason: 'old', sunsetAt: 5 },
    ]);
  });
});

describe('/api/admin/receipts', () => {
  it('filters and pages', async () => {
    const api = createTestApi();
    const page = receiptPageSchema.parse(await (await read(api, '/api/admin/receipts?kind=gate&limit=1')).json());
    expect(page.data.map(({ sequence }) => sequence)).toEqual([1]);
    expect(page.nextBefore).toBe(1);
    expect(api.state.rollouts.asked).toEqual([{ limit: 2, kind: 'gate' }]);
    expect((await read(api, '/api/admin/receipts?kind=rumour')).status).toBe(400);
  });

  it('verifies, against heads that were kept elsewhere too', async () => {
    const api = createTestApi();
    const head = { projectId: 'default', sequence: 2, hash: 'h', createdAt: 1, keyId: 'k', signature: 'ab' };
    await read(api, '/api/admin/receipts/verify?recompute=true');
    const against = await send(api, 'POST', '/api/admin/receipts/verify', { heads: [head] }, secrets.read);
    expect(receiptReportSchema.parse(await against.json())).toMatchObject({ receipts: 2, heads: 1, problems: [] });
    expect(api.state.rollouts.asked).toEqual([
      { heads: [], recompute: true },
      { heads: [head], recompute: false },
    ]);
  });
});

describe('/api/feedback', () => {
  it.each([
    [{ rating: 'up' }, { rating: 1 }],
    [{ rating: 'down' }, { rating: 0 }],
    [
      { rating: 0.25, completed: false },
      { rating: 0.25, completed: false },
    ],
    [{ label: 'positive' }, { label: 'positive' }],
  ])('takes %j, uses no tokens', async (given, taken) => {
    const api = createTestApi();
    const response = await api.post('/api/feedback', { requestId: 'req_1', ...given });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: 'feedback-1', requestId: 'req_1' });
    expect(api.state.rollouts.feedback).toEqual([{ requestId: 'req_1', ...taken }]);
    expect(api.state.settled).toEqual([0]);
  });

  it.each([[{}], [{ rating: 2 }], [{ rating: 'sideways' }], [{ verdict: 'good' }]])('refuses %j', async (given) => {
    const response = await createTestApi().post('/api/feedback', { requestId: 'req_1', ...given });
    expect(response.status).toBe(400);
  });
});
