import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { describe, expect, it } from 'vitest';
import { readRequestFilter, toExportUrl, toRequestQuery } from './filter-requests.ts';
import { toWaterfall } from './to-waterfall.ts';

const request: PredictionView = {
  id: '01',
  requestId: 'req_01',
  createdAt: 1,
  keyId: 'key-1',
  model: 'support-chat',
  version: '1.2.0',
  route: '/v1/chat/completions',
  outcome: 'ok',
  status: 200,
  stream: true,
  latencyMs: 500,
  firstTokenMs: 120,
  queueMs: 20,
  inputTokens: 3,
  outputTokens: 4,
  costUsd: 0,
};

describe('the filter of requests', () => {
  it('is read from an address, and what makes no sense is left out', () => {
    const search = { model: 'support-chat', version: 2, outcome: '', slowerMs: '500', open: ['x'], other: 'y' };
    expect(readRequestFilter(search)).toEqual({ model: 'support-chat', version: '2', slowerMs: 500 });
    expect(readRequestFilter({ slowerMs: 'soon' })).toEqual({});
  });

  it('knows the outcomes that there are', () => {
    expect(readRequestFilter({ outcome: 'timeout' })).toEqual({ outcome: 'timeout' });
    expect(readRequestFilter({ outcome: 'bad luck' })).toEqual({});
  });

  it('asks the server in its words, and for the same as a file', () => {
    const query = toRequestQuery({ model: 'support chat', key: 'key-1', slowerMs: 500, open: '01' });
    expect(query).toEqual({ model: 'support chat', keyId: 'key-1', minLatencyMs: 500 });
    expect(toExportUrl(query, 'csv')).toBe(
      '/api/admin/predictions/export?format=csv&model=support+chat&keyId=key-1&minLatencyMs=500',
    );
  });
});

describe('the waterfall of a request', () => {
  it('is waiting, the way to the first token, and the stream', () => {
    expect(toWaterfall(request)).toEqual([
      { title: 'waited', fromMs: 0, lengthMs: 20 },
      { title: 'to the first token', fromMs: 20, lengthMs: 100 },
      { title: 'streamed', fromMs: 120, lengthMs: 380 },
    ]);
  });

  it('is one stretch when nothing was measured in between', () => {
    expect(toWaterfall({ ...request, queueMs: null, firstTokenMs: null })).toEqual([
      { title: 'worked', fromMs: 0, lengthMs: 500 },
    ]);
  });

  it('fills exactly the time that the request took, whatever the clocks said', () => {
    for (const timing of [
      { queueMs: 900, firstTokenMs: null },
      { queueMs: 30, firstTokenMs: 10 },
      { queueMs: 10, firstTokenMs: 700 },
    ]) {
      const stretches = toWaterfall({ ...request, ...timing });
      expect(stretches.reduce((sum, { lengthMs }) => sum + lengthMs, 0)).toBe(500);
      expect(stretches.every(({ lengthMs }) => lengthMs >= 0)).toBe(true);
    }
  });
});
