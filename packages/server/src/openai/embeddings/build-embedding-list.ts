import type { EmbedResult } from '@scarmonit/core/ports/model-runtime';
import type { EmbeddingList } from '@scarmonit/protocol/openai/embedding';
import { toInputUsage } from '../../inference/to-usage.ts';
import { encodeFloats } from './encode-floats.ts';

export function buildEmbeddingList(model: string, result: EmbedResult, encoding: 'float' | 'base64'): EmbeddingList {
  return {
    object: 'list',
    data: result.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? encodeFloats(vector) : Array.from(vector),
    })),
    model,
    usage: toInputUsage(result.inputTokens),
  };
}
