import type { TextInputParam } from '@scarmonit/protocol/openai/embedding';
import type { AgentContext, AppParts } from '../../app-parts.ts';
import { answerServed } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { toTextInput } from '../../inference/to-text-input.ts';
import { buildEmbeddingList } from './build-embedding-list.ts';

/** How the vectors are wanted. */
export interface EmbeddingWish {
  readonly dimensions?: number | null | undefined;
  readonly encoding_format?: 'float' | 'base64' | null | undefined;
}

/** Turns texts into vectors. `/v1/embeddings` and `/api/infer` share it. */
export async function answerEmbeddings(
  c: AgentContext,
  parts: AppParts,
  target: CallTarget,
  input: TextInputParam,
  { dimensions, encoding_format }: EmbeddingWish,
): Promise<Response> {
  const { servedBy, result } = await parts.services.inference.embed(openCall(c, target, false), {
    input: toTextInput(input),
    ...dropNullish({ dimensions }),
  });
  c.get('reservation').settle(result.inputTokens);
  return answerServed(c, parts, servedBy, buildEmbeddingList(servedBy.model, result, encoding_format ?? 'float'));
}
