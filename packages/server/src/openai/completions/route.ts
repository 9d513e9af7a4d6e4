import type { Usage } from '@scarmonit/core/ports/model-runtime';
import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import {
  type CompletionRequest,
  completionRequestSchema,
  completionSchema,
} from '@scarmonit/protocol/openai/completion';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { parseBody } from '../../http/parse-body.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import { answerForwarded } from '../../inference/answer-forwarded.ts';
import { type Generation, totalTokens } from '../../inference/collect-generation.ts';
import { openCall } from '../../inference/open-call.ts';
import { streamGeneration } from '../../inference/stream-generation.ts';
import type { DirectRoute } from '../../route.ts';
import { buildCompletion } from './build-completion.ts';
import { CompletionStreamEncoder } from './completion-stream-encoder.ts';
import { generateAll } from './generate-all.ts';
import { toGenerateRequests } from './to-generate-requests.ts';

const path = '/v1/completions';

export const createCompletion: DirectRoute = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'createCompletion',
    summary: 'Continue a text, whole or as a stream.',
    tag: 'OpenAI',
    body: { contentType: 'application/json', schemas: { CompletionRequest: completionRequestSchema } },
    answer: { status: 200, schemas: { Completion: completionSchema }, events: { Completion: completionSchema } },
  },
  handle(c, parts) {
    return answerCompletion(c, parts, parseBody(completionRequestSchema, c.get('body')));
  },
};

function answerCompletion(c: CallContext, parts: AppParts, body: CompletionRequest): Promise<Answer> {
  const call = openCall(c, { route: path, model: body.model }, body);
  return parts.services.inference.serve(call, 'chat', (version) =>
    version.canForward
      ? answerForwarded(c, parts, version, { endpoint: 'completions', body, text: c.get('body') })
      : answerGenerated(c, parts, version, body),
  );
}

/** Only here is refused what engines on this machine cannot do: an upstream may. */
async function answerGenerated(
  c: CallContext,
  parts: AppParts,
  version: ServingVersion,
  body: CompletionRequest,
): Promise<Answer> {
  const { servedBy } = version;
  const requests = toGenerateRequests(body);
  const identity = { id: `cmpl-${parts.newId()}`, created: toSeconds(parts.clock.now()), servedBy };
  const echoes = body.echo === true ? requests.map(({ input }) => (input.kind === 'text' ? input.text : '')) : [];
  const [first] = requests;
  if (body.stream === true && first !== undefined) {
    const includeUsage = body.stream_options?.include_usage === true;
    const encoder = new CompletionStreamEncoder(identity, includeUsage, echoes[0] ?? '');
    return streamGeneration(c, parts, version, first, encoder);
  }
  const generations = await generateAll(version, requests, c.req.raw.signal, c.get('progress'));
  const usage = sumUsage(generations);
  c.get('reservation').settle(totalTokens(usage));
  const wantsLogprobs = body.logprobs !== null && body.logprobs !== undefined;
  return answerServed(c, parts, servedBy, buildCompletion(identity, generations, usage, echoes, wantsLogprobs));
}

function sumUsage(generations: readonly Generation[]): Usage {
  let inputTokens = 0;
  let outputTokens = 0;
  let cachedInputTokens = 0;
  for (const { usage } of generations) {
    inputTokens += usage.inputTokens;
    outputTokens += usage.outputTokens;
    cachedInputTokens += usage.cachedInputTokens ?? 0;
  }
  return { inputTokens, outputTokens, cachedInputTokens };
}
