import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { HttpResponse } from '@scarmonit/core/ports/http-transport';
import type { Usage } from '@scarmonit/core/ports/model-runtime';
import { parseObject } from '@scarmonit/core/upstream/parse-object';
import { readRetryAfter } from '@scarmonit/core/upstream/read-retry-after';
import { readText } from '@scarmonit/core/upstream/read-text';
import { readUsage } from '@scarmonit/core/upstream/read-usage';
import { explainStatus } from './explain-status.ts';
import { malformed } from './explain-transport.ts';
import type { AnsweredBy } from './identities.ts';
import type { UpstreamOptions } from './options.ts';
import type { PreparedRequest } from './prepare-body.ts';
import { replaceModel } from './replace-model.ts';
import { createChunkRewriter } from './rewrite-chunk.ts';
import type { Target } from './target.ts';
import { WireChunks } from './wire-chunks.ts';

/** Two thousand embeddings of 3,072 numbers as text are 130 MB; what is larger is refused. */
const longestAnswerBytes = 256 * 1024 * 1024;
const longestErrorBytes = 64 * 1024;

export interface AskContext {
  readonly signal: CancelSignal;
  readonly options: UpstreamOptions;
  readonly clock: Clock;
  onIdentity(target: Target, answeredBy: AnsweredBy): void;
}

export type TargetAnswer =
  | { readonly kind: 'json'; readonly text: string; readonly usage: Usage | undefined }
  | { readonly kind: 'stream'; readonly chunks: WireChunks };

/**
 * Asks one target once. Resolves when its answer is here or, of a stream, its first chunk.
 * @throws UpstreamFailure, or what `explainTransport` takes
 */
export async function askTarget(target: Target, request: PreparedRequest, context: AskContext): Promise<TargetAnswer> {
  const { firstByteTimeoutMs, idleTimeoutMs } = context.options;
  const { requestId, trace } = request.context;
  const headers = request.isStream ? target.headers.streamed : target.headers.whole;
  const response = await target.connections.request({
    method: 'POST',
    path: `${target.basePath}/${request.endpoint}`,
    headers: requestId === undefined ? headers : { ...headers, 'x-request-id': requestId, ...trace },
    body: request.bodyFor(target.model),
    signal: context.signal,
    firstByteTimeoutMs,
    idleTimeoutMs,
  });
  if (response.status < 200 || response.status > 299) throw await explainRefusal(target, response, context);
  return request.isStream
    ? openStream(target, request, response, context)
    : readAnswer(target, request, response, context);
}

async function explainRefusal(target: Target, { status, headers, body }: HttpResponse, { clock }: AskContext) {
  const text = (await readText(body, longestErrorBytes)) ?? '';
  const { clean, holdsSecret } = target;
  return explainStatus({ status, text, retryAfterMs: readRetryAfter(headers, clock.now()), clean, holdsSecret });
}

async function readAnswer(
  target: Target,
  { publicModel }: PreparedRequest,
  { body }: HttpResponse,
  { onIdentity }: AskContext,
): Promise<TargetAnswer> {
  const text = await readText(body, longestAnswerBytes);
  if (text === undefined) throw malformed('The upstream sent an answer that is too large.');
  const answer = parseObject(text);
  if (answer === undefined) throw malformed('The upstream sent an answer that is no JSON object.');
  if (typeof answer.error === 'object' && answer.error !== null) throw refusedWithin(target, text);
  const { model, system_fingerprint: fingerprint } = answer;
  if (typeof model === 'string' && model !== '') {
    onIdentity(target, { model, systemFingerprint: typeof fingerprint === 'string' ? fingerprint : undefined });
  }
  const replaced = typeof model === 'string' ? replaceModel(text, JSON.stringify(publicModel)) : undefined;
  return {
    kind: 'json',
    text: replaced ?? JSON.stringify({ ...answer, model: publicModel }),
    usage: readUsage(answer.usage),
  };
}

async function openStream(
  target: Target,
  { publicModel, showUsage }: PreparedRequest,
  { headers, body }: HttpResponse,
  { signal, onIdentity }: AskContext,
): Promise<TargetAnswer> {
  if (headers['content-type']?.startsWith('application/json') === true) {
    const text = (await readText(body, longestErrorBytes)) ?? '';
    if (parseObject(text)?.error !== undefined) throw refusedWithin(target, text);
    throw malformed('The upstream was asked for a stream and sent none.');
  }
  if (headers['content-type']?.startsWith('text/html') === true) {
    throw malformed('The upstream was asked for a stream and sent a page.');
  }
  const chunks = new WireChunks({
    body,
    signal,
    rewrite: createChunkRewriter({
      publicModel,
      showUsage,
      onIdentity: (answeredBy) => onIdentity(target, answeredBy),
    }),
    clean: target.clean,
    holdsSecret: target.holdsSecret,
  });
  await chunks.prime();
  return { kind: 'stream', chunks };
}

/** An error that comes with a status of success. */
function refusedWithin({ clean, holdsSecret }: Target, text: string) {
  return explainStatus({ status: 500, text, retryAfterMs: undefined, clean, holdsSecret });
}
