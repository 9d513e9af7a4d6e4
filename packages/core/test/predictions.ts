import type { Prediction } from '../src/ports/prediction-repository.ts';

/** A request that was answered well in 100 ms, but for what a test says. */
export function testPrediction(more: Partial<Prediction> = {}): Prediction {
  return {
    id: 'p1',
    requestId: 'req_1',
    projectId: 'default',
    createdAt: 1_700_000_000_000,
    keyId: 'key1',
    model: 'chat',
    version: '1.0.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: false,
    latencyMs: 100,
    inputTokens: 3,
    outputTokens: 5,
    costUsd: 0.001,
    ...more,
  };
}
