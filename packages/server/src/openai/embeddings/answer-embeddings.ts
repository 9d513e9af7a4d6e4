import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { TextInputParam } from '@scarmonit/protocol/openai/embedding';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { answerForwarded } from '../../inference/answer-forwarded.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { toTextInput } from '../../inference/to-text-input.ts';
import { buildEmbeddingList } from './build-embedding-list.ts';

/** A body in the form of `/v1/embeddings`, with whatever else the client sent. */
export interface EmbeddingBody {
  readonly [field: string]: unknown;
  readonly input: TextInputParam;
  readonly dimensions?: number | null | undefined;
  readonly encoding_format?: 'float' | 'base64' | null | undefined;
}

/** Turns texts into vectors. `/v1/embeddings` and `/api/infer` share it. */
export function answerEmbeddings(
  c: CallContext,
  parts: AppParts,
  target: CallTarget,
  body: EmbeddingBody,
): Promise<Answer> {
  return parts.services.inference.serve(openCall(c, target, body), 'embedding', (version) =>
    version.canForward
      ? answerForwarded(c, parts, version, { endpoint: 'embeddings', body })
      : answerEmbedded(c, parts, version, body),
  );
}

async function answerEmbedded(
  c: CallContext,
  parts: AppParts,
  version: ServingVersion,
  { input, dimensions, encoding_format }: EmbeddingBody,
): Promise<Answer> {
  const { servedBy } = version;
  const result = await version.embed({ input: toTextInput(input), ...dropNullish({ dimensions }) });
  c.get('reservation').settle(result.inputTokens);
  return answerServed(c, parts, servedBy, buildEmbeddingList(servedBy.model, result, encoding_format ?? 'float'));
}
