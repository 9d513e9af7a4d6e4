import type { EmbedRequest } from '@scarmonit/core/ports/model-runtime';
import type { TextInputParam } from '@scarmonit/protocol/openai/embedding';
import { dropNullish } from '../../http/drop-nullish.ts';
import { toTextInput } from '../../inference/to-text-input.ts';

/** A body in the form of `/v1/embeddings`, with whatever else the client sent. */
export interface EmbeddingBody {
  readonly [field: string]: unknown;
  readonly input: TextInputParam;
  readonly dimensions?: number | null | undefined;
  readonly encoding_format?: 'float' | 'base64' | null | undefined;
}

/** Reads what is to be turned into vectors, and how long they are to be. */
export function toEmbedRequest({ input, dimensions }: EmbeddingBody): EmbedRequest {
  return { input: toTextInput(input), ...dropNullish({ dimensions }) };
}
