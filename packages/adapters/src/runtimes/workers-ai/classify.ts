import type { ClassifyRequest, ClassifyResult, RequestContext } from '@scarmonit/core/ports/model-runtime';
import { isMapping } from '@scarmonit/core/upstream/parse-object';
import { malformed } from '@scarmonit/core/upstream/transport-failures';
import type { Carrier } from './carrier.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { readTexts } from './read-texts.ts';
import { runInLanes } from './run-in-lanes.ts';

/**
 * Scores texts, one a call, as the model's schema has it.
 * https://developers.cloudflare.com/workers-ai/models/distilbert-sst-2-int8/
 * @throws ScarmonitError `unsupported` for token ids, `bad_gateway` when the answer is no list of labels and scores
 */
export async function classify(
  carrier: Carrier,
  { input }: ClassifyRequest,
  context: RequestContext,
): Promise<ClassifyResult> {
  const texts = readTexts(input);
  const results = await runInLanes(texts, context.signal, async (text, either) =>
    readLabels(await carrier.run({ inputs: { text }, signal: either, from: context })),
  );
  return { results, inputTokens: estimateTokens(texts) };
}

function readLabels(answer: Awaited<ReturnType<Carrier['run']>>): ClassifyResult['results'][number] {
  const rows: unknown = answer.kind === 'result' ? answer.result : undefined;
  if (!Array.isArray(rows) || rows.length === 0) throw malformed('Workers AI did not send labels and scores.');
  return rows
    .map((row: unknown) => {
      const { label, score } = isMapping(row) ? row : {};
      if (typeof label === 'string' && typeof score === 'number' && Number.isFinite(score)) return { label, score };
      throw malformed('Workers AI did not send labels and scores.');
    })
    .sort((one, other) => other.score - one.score);
}
