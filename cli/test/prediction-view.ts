import type { PredictionView } from '@scarmonit/protocol/admin/prediction';

/** A request that was answered well in 250 ms, but for what a test says. */
export function testPredictionView(more: Partial<PredictionView> = {}): PredictionView {
  return {
    id: 'p1',
    requestId: 'req_1',
    createdAt: Date.UTC(2027, 0, 31, 13, 5, 6, 789),
    keyId: 'key1',
    model: 'chat',
    version: '1.0.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: true,
    latencyMs: 1_240,
    firstTokenMs: 48.4,
    queueMs: null,
    inputTokens: 7,
    outputTokens: 32,
    costUsd: 0,
    ...more,
  };
}
