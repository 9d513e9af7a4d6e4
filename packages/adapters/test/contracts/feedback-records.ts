import type { Feedback, ShadowPair } from '@scarmonit/core/ports/feedback-repository';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';

/** Records of feedback and of what it is about, for contracts. */
export function tell(number: number, requestId: string, told: Partial<Feedback>): Feedback {
  return {
    id: `f${String(number).padStart(6, '0')}`,
    projectId: 'default',
    requestId,
    createdAt: number,
    keyId: 'key',
    ...told,
  };
}

export function answer(requestId: string, changes: Partial<Prediction> = {}): Prediction {
  return {
    id: `p-${requestId}`,
    requestId,
    projectId: 'default',
    createdAt: 1,
    keyId: 'key',
    model: 'chat',
    version: '1.1.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: false,
    latencyMs: 1,
    inputTokens: 1,
    outputTokens: 1,
    costUsd: 0,
    rolloutId: 'r1',
    trafficRevision: 1,
    ...changes,
  };
}

export function pair(number: number, changes: Partial<ShadowPair>): ShadowPair {
  return {
    id: `s${number}`,
    projectId: 'default',
    rolloutId: 'r1',
    requestId: `req${number}`,
    createdAt: number,
    agree: false,
    stableAnswer: 'yes',
    candidateAnswer: 'no',
    candidateFailed: false,
    ...changes,
  };
}
