import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { predictionSchema } from '@scarmonit/protocol/admin/prediction';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/create-test-api.ts';
import { createdAt, secrets } from '../../../test/fake-services.ts';

const prediction = (id: string, changes: Partial<Prediction> = {}): Prediction => ({
  id,
  projectId: 'default',
  createdAt,
  requestId: `req_${id}`,
  keyId: 'key-infer',
  model: 'chat-model',
  version: '1.0.0',
  route: '/v1/chat/completions',
  outcome: 'ok',
  status: 200,
  stream: true,
  latencyMs: 12.5,
  firstTokenMs: 3.25,
  inputTokens: 1,
  outputTokens: 2,
  costUsd: 0.5,
  stickyKey: 'hash-of-a-person',
  endUser: 'hash-of-a-person',
  answer: 'hash-of-an-answer',
  ...changes,
});

const read = (api: TestApi, query = '') =>
  api.fetch(`/api/admin/predictions/export${query}`, { headers: { authorization: `Bearer ${secrets.read}` } });

describe('/api/admin/predictions/export', () => {
  it('writes every request that matches as a line of JSON, whatever their number', async () => {
    const api = createTestApi();
    const ids = Array.from({ length: 2_500 }, (_, number) => String(9_999 - number));
    api.state.predictions = ids.map((id) => prediction(id, { model: id.endsWith('7') ? 'other' : 'chat-model' }));
    const response = await read(api, '?model=chat-model');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="predictions.ndjson"');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => predictionSchema.strict().parse(JSON.parse(line)).id)).toEqual(
      ids.filter((id) => !id.endsWith('7')),
    );
  });

  it('keeps nothing ahead of its reader', async () => {
    const api = createTestApi();
    api.state.predictions = Array.from({ length: 5_000 }, (_, number) => prediction(String(9_999 - number)));
    let reads = 0;
    const rows = api.state.predictions;
    Object.defineProperty(api.state, 'predictions', {
      get: () => {
        reads += 1;
        return rows;
      },
    });
    const reader = (await read(api)).body?.getReader();
    await reader?.read();
    expect(reads).toBeLessThanOrEqual(2);
    await reader?.cancel();
  });

  it('writes CSV with times that people read, and nothing that a spreadsheet would take for a formula', async () => {
    const api = createTestApi();
    api.state.predictions = [
      prediction('2', { requestId: '-cmd|calc', queueMs: 1 }),
      prediction('1', { model: '=HYPERLINK("x"), or so' }),
    ];
    const response = await read(api, '?format=csv');
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect((await response.text()).split('\r\n')).toEqual([
      'id,requestId,createdAt,keyId,model,version,route,outcome,status,stream,latencyMs,firstTokenMs,queueMs,inputTokens,outputTokens,costUsd',
      `2,'-cmd|calc,${new Date(createdAt).toISOString()},key-infer,chat-model,1.0.0,/v1/chat/completions,ok,200,true,12.5,3.25,1,1,2,0.5`,
      `1,req_1,${new Date(createdAt).toISOString()},key-infer,"'=HYPERLINK(""x""), or so",1.0.0,/v1/chat/completions,ok,200,true,12.5,3.25,,1,2,0.5`,
      '',
    ]);
  });

  it('has a heading and no rows when nothing matches', async () => {
    expect(await (await read(createTestApi(), '?format=csv&outcome=error')).text()).toMatch(/^id,[^\n]+costUsd\r\n$/);
    expect(await (await read(createTestApi())).text()).toBe('');
  });

  it.each(['?format=xml', '?outcome=bad', '?since=yesterday', '?minLatencyMs=-1'])('refuses %s', async (query) => {
    expect((await read(createTestApi(), query)).status).toBe(400);
  });
});
