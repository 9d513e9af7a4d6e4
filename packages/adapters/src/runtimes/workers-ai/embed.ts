import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { EmbedRequest, EmbedResult, RequestContext } from '@scarmonit/core/ports/model-runtime';
import { isMapping } from '@scarmonit/core/upstream/parse-object';
import { readUsage } from '@scarmonit/core/upstream/read-usage';
import { toUnitVector } from '@scarmonit/core/upstream/to-unit-vector';
import { malformed } from '@scarmonit/core/upstream/transport-failures';
import type { Carrier } from './carrier.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { WorkersAiOptions } from './options.ts';
import { readTexts } from './read-texts.ts';
import { runInLanes } from './run-in-lanes.ts';

/** Most texts of one call: https://developers.cloudflare.com/workers-ai/models/bge-base-en-v1.5/ */
const mostTexts = 100;

/**
 * Embeds texts, a hundred a call.
 * @throws ScarmonitError `unsupported` for token ids and for another length of vectors, `bad_gateway` when the answer is
 *   not one vector a text
 */
export async function embed(
  carrier: Carrier,
  { pooling }: WorkersAiOptions,
  { input, dimensions }: EmbedRequest,
  context: RequestContext,
): Promise<EmbedResult> {
  if (dimensions !== undefined) {
    const message = "Embedding models of Workers AI have vectors of one length. Leave 'dimensions' out.";
    throw new ScarmonitError('unsupported', message, { param: 'dimensions' });
  }
  const texts = readTexts(input);
  const batches = Array.from({ length: Math.ceil(texts.length / mostTexts) }, (_, at) =>
    texts.slice(at * mostTexts, (at + 1) * mostTexts),
  );
  const answers = await runInLanes(batches, context.signal, async (text, either) => {
    const inputs = pooling === undefined ? { text } : { text, pooling };
    return readVectors(await carrier.run({ inputs, signal: either, from: context }), text);
  });
  return {
    vectors: answers.flatMap(({ vectors }) => vectors),
    inputTokens: answers.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
  };
}

/** `{shape: [n, d], data: [[…]], pooling}` */
function readVectors(answer: Awaited<ReturnType<Carrier['run']>>, texts: readonly string[]): EmbedResult {
  const result = answer.kind === 'result' && isMapping(answer.result) ? answer.result : {};
  const { data, usage } = result;
  if (!Array.isArray(data) || data.length !== texts.length) throw notOneEach();
  return {
    vectors: data.map((row: unknown) => {
      const vector = toUnitVector(row);
      if (vector === undefined) throw notOneEach();
      return vector;
    }),
    inputTokens: readUsage(usage)?.inputTokens ?? estimateTokens(texts),
  };
}

function notOneEach(): ScarmonitError {
  return malformed('Workers AI did not send one vector for each text.');
}
