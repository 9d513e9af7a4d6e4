import type { Prediction } from '../../packages/core/src/ports/prediction-repository.ts';

export const benchNow = 1_790_000_000_000;

/** The nth of a stream of requests over some versions, with latencies that spread over a decade. */
export function makePrediction(index: number, versions: number): Prediction {
  // Multiples of the golden ratio fill the unit interval evenly, and the same way each time.
  const share = (index * 0.618_033_988_749_895) % 1;
  return {
    id: `p${index}`,
    requestId: `req_${index}`,
    projectId: 'default',
    createdAt: benchNow,
    keyId: `key${index % 7}`,
    model: 'chat',
    version: `1.${index % versions}.0`,
    route: '/v1/chat/completions',
    outcome: index % 50 === 0 ? 'error' : 'ok',
    status: 200,
    stream: true,
    latencyMs: 80 * 10 ** share,
    firstTokenMs: 20 * 10 ** share,
    queueMs: 2 * share,
    inputTokens: 100,
    outputTokens: 200,
    costUsd: 0.001,
    endUser: `user${index % 300}`,
  };
}
