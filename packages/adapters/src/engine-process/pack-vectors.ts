import type { EmbedResult } from '@scarmonit/core/ports/model-runtime';
import type { PackedVectors } from './protocol.ts';

/** Lays all vectors end to end, so that one buffer crosses the channel. */
export function packVectors(result: EmbedResult): PackedVectors {
  const dimensions = result.vectors[0]?.length ?? 0;
  const values = new Float32Array(dimensions * result.vectors.length);
  for (const [index, vector] of result.vectors.entries()) values.set(vector, index * dimensions);
  return { values, dimensions, inputTokens: result.inputTokens };
}

/** The inverse of {@link packVectors}: views of the one buffer, no copies. */
export function unpackVectors({ values, dimensions, inputTokens }: PackedVectors): EmbedResult {
  const vectors: Float32Array[] = [];
  for (let start = 0; start < values.length; start += dimensions) {
    vectors.push(values.subarray(start, start + dimensions));
  }
  return { vectors, inputTokens };
}
