import type { Prediction } from '../ports/prediction-repository.ts';
import type { RuntimeName, VersionSpec } from '../registry/version-spec.ts';
import type { Attributes } from './span.ts';

/** What a version was asked for, in the words of the semantic conventions for generative AI (1.41, in development). */
export interface GenAiOperation {
  readonly name: string;
  readonly provider: string;
}

/** Where the conventions have a name for it; else the runtime's own. */
const providers: Readonly<Partial<Record<RuntimeName, string>>> = { 'openai-compatible': 'openai' };

const operations: Readonly<Record<VersionSpec['task'], string>> = {
  chat: 'chat',
  embedding: 'embeddings',
  classification: 'classification',
};

export function describeOperation({ task, runtime }: VersionSpec, route: string): GenAiOperation {
  const isCompletion = route === '/v1/completions';
  return { name: isCompletion ? 'text_completion' : operations[task], provider: providers[runtime] ?? runtime };
}

/**
 * What is told of an attempt beside its times. No prompt, no answer, and no name of a person is in it.
 * @param askedFor the model that the request named; the one that stood in is the response's
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export function describeAttempt(operation: GenAiOperation, askedFor: string, record: Prediction): Attributes {
  const { model, version, outcome, firstTokenMs, queueMs, rolloutId } = record;
  return {
    'gen_ai.operation.name': operation.name,
    'gen_ai.provider.name': operation.provider,
    'gen_ai.request.model': askedFor,
    'gen_ai.response.model': model,
    'gen_ai.request.stream': record.stream,
    'gen_ai.usage.input_tokens': record.inputTokens,
    'gen_ai.usage.output_tokens': record.outputTokens,
    ...(firstTokenMs === undefined ? {} : { 'gen_ai.response.time_to_first_chunk': firstTokenMs / 1_000 }),
    ...(outcome === 'ok' ? {} : { 'error.type': outcome }),
    'scarmonit.model.version': version,
    'scarmonit.outcome': outcome,
    'scarmonit.request.id': record.requestId,
    'scarmonit.prediction.id': record.id,
    'scarmonit.key.id': record.keyId,
    'scarmonit.cost.usd': record.costUsd,
    ...(queueMs === undefined ? {} : { 'scarmonit.queue.duration': queueMs / 1_000 }),
    ...(rolloutId === undefined ? {} : { 'scarmonit.rollout.id': rolloutId }),
  };
}
