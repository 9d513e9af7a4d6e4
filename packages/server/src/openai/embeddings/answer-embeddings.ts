import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { answerForwarded } from '../../inference/answer-forwarded.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { buildEmbeddingList } from './build-embedding-list.ts';
import { type EmbeddingBody, toEmbedRequest } from './to-embed-request.ts';

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
  body: EmbeddingBody,
): Promise<Answer> {
  const { servedBy } = version;
  const result = await version.embed(toEmbedRequest(body));
  c.get('reservation').settle(result.inputTokens);
  const encoding = body.encoding_format ?? 'float';
  return answerServed(c, parts, servedBy, buildEmbeddingList(servedBy.model, result, encoding));
}
