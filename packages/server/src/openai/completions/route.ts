import type { Usage } from '@scarmonit/core/ports/model-runtime';
import {
  type CompletionRequest,
  completionRequestSchema,
  completionSchema,
} from '@scarmonit/protocol/openai/completion';
import type { AgentContext, AppParts } from '../../app-parts.ts';
import { answerServed } from '../../http/answer.ts';
import { parseBody } from '../../http/parse-body.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import { totalTokens } from '../../inference/collect-generation.ts';
import { streamGeneration } from '../../inference/stream-generation.ts';
import type { Route } from '../../route.ts';
import { buildCompletion } from './build-completion.ts';
import { CompletionStreamEncoder } from './completion-stream-encoder.ts';
import { generateAll, type ServedGeneration } from './generate-all.ts';
import { toGenerateRequests } from './to-generate-requests.ts';

const path = '/v1/completions';

export const createCompletion: Route = {
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

async function answerCompletion(c: AgentContext, parts: AppParts, body: CompletionRequest): Promise<Response> {
  const requests = toGenerateRequests(body);
  const target = { route: path, model: body.model };
  const id = `cmpl-${parts.newId()}`;
  const created = toSeconds(parts.clock.now());
  const echoes = body.echo === true ? requests.map(({ input }) => (input.kind === 'text' ? input.text : '')) : [];
  const [first] = requests;
  if (body.stream === true && first !== undefined) {
    const includeUsage = body.stream_options?.include_usage === true;
    return streamGeneration(
      c,
      parts,
      target,
      first,
      (servedBy) => new CompletionStreamEncoder({ id, created, servedBy }, includeUsage, echoes[0] ?? ''),
    );
  }
  const answers = await generateAll(c, parts.services.inference, target, requests);
  const usage = sumUsage(answers);
  c.get('reservation').settle(totalTokens(usage));
  // Several prompts may be served by several versions; the headers name the first one's.
  const servedBy = answers[0]?.servedBy ?? { model: body.model, version: '' };
  const generations = answers.map(({ generation }) => generation);
  const wantsLogprobs = body.logprobs !== null && body.logprobs !== undefined;
  return answerServed(
    c,
    parts,
    servedBy,
    buildCompletion({ id, created, servedBy }, generations, usage, echoes, wantsLogprobs),
  );
}

function sumUsage(answers: readonly ServedGeneration[]): Usage {
  let inputTokens = 0;
  let outputTokens = 0;
  let cachedInputTokens = 0;
  for (const { generation } of answers) {
    inputTokens += generation.usage.inputTokens;
    outputTokens += generation.usage.outputTokens;
    cachedInputTokens += generation.usage.cachedInputTokens ?? 0;
  }
  return { inputTokens, outputTokens, cachedInputTokens };
}
