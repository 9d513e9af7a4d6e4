import type { ClassifyResult } from '@scarmonit/core/ports/model-runtime';
import type { ClassificationList } from '@scarmonit/protocol/api/infer';
import type { TextInputParam } from '@scarmonit/protocol/openai/embedding';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { toTextInput } from '../../inference/to-text-input.ts';
import { toInputUsage } from '../../inference/to-usage.ts';

/** Scores texts against a model's labels. */
export function answerClassification(
  c: CallContext,
  parts: AppParts,
  target: CallTarget,
  body: { readonly [field: string]: unknown },
  input: TextInputParam,
): Promise<Answer> {
  return parts.services.inference.serve(openCall(c, target, body), 'classification', async (version) => {
    const { servedBy } = version;
    const result = await version.classify({ input: toTextInput(input) });
    c.get('reservation').settle(result.inputTokens);
    return answerServed(c, parts, servedBy, buildClassificationList(servedBy.model, result));
  });
}

function buildClassificationList(model: string, { results, inputTokens }: ClassifyResult): ClassificationList {
  return {
    object: 'list',
    data: results.map((labels, index) => ({
      object: 'classification',
      index,
      label: labels[0]?.label ?? '',
      score: labels[0]?.score ?? 0,
      labels: labels.map(({ label, score }) => ({ label, score })),
    })),
    model,
    usage: toInputUsage(inputTokens),
  };
}
