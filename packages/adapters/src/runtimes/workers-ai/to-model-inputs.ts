import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { defined, toWireChoice, toWireMessage, toWireTool } from '@scarmonit/core/upstream/wire-chat';

/** Seeds of the platform are 1 to this. */
const largestSeed = 9_999_999_999;

/**
 * A generation as the inputs of a text-generation model. Only what is asked for is set, since models differ in what they
 * take. `stop` is set for models that know it; the answer is cut by the caller all the same.
 * https://developers.cloudflare.com/workers-ai/models/llama-3-8b-instruct/
 * @throws ScarmonitError `unsupported` for what no model of the platform does
 */
export function toModelInputs(request: GenerateRequest): Record<string, unknown> {
  refuseUnsupported(request);
  const { stop } = request;
  return {
    ...toPrompt(request),
    ...defined({
      max_tokens: request.maxTokens,
      stop: stop.length === 0 ? undefined : stop,
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      seed: toSeed(request.seed),
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
    }),
    ...toTools(request),
    ...toFormat(request.format),
  };
}

function refuseUnsupported({ logitBias, topLogprobs }: GenerateRequest): void {
  if (logitBias !== undefined && Object.keys(logitBias).length > 0) throw unsupported('logit_bias');
  if (topLogprobs !== undefined) throw unsupported('logprobs');
}

function unsupported(param: string): ScarmonitError {
  return new ScarmonitError('unsupported', `Models of Workers AI do not support '${param}'. Leave it out.`, { param });
}

function toPrompt({ input }: GenerateRequest): Record<string, unknown> {
  if (input.kind === 'text') return { prompt: input.text, raw: true };
  if (input.kind === 'tokens') {
    throw new ScarmonitError('unsupported', "Models of Workers AI take text, not token ids. Send 'prompt' as text.", {
      param: 'prompt',
    });
  }
  const messages = input.messages.map((message) =>
    toWireMessage(message.role === 'developer' ? { ...message, role: 'system' } : message),
  );
  return { messages };
}

/** A seed beyond the platform's range is folded into it; the same seed stays the same seed. */
function toSeed(seed: number | undefined): number | undefined {
  if (seed === undefined || (seed >= 1 && seed <= largestSeed)) return seed;
  return (Math.abs(Math.trunc(seed)) % largestSeed) + 1;
}

/** The schema wants a description and parameters of every tool. */
function toTools({ tools, toolChoice, parallelToolCalls }: GenerateRequest): Record<string, unknown> {
  if (tools.length === 0 || toolChoice === 'none') return {};
  return {
    tools: tools.map(({ name, description = '', parameters = { type: 'object', properties: {} } }) =>
      toWireTool({ name, description, parameters }),
    ),
    ...(toolChoice === 'auto' ? {} : { tool_choice: toWireChoice(toolChoice) }),
    ...defined({ parallel_tool_calls: parallelToolCalls }),
  };
}

/** The schema stands in `json_schema` itself and not beneath a name: https://developers.cloudflare.com/workers-ai/features/json-mode/ */
function toFormat(format: GenerateRequest['format']): Record<string, unknown> {
  if (format.type === 'text') return {};
  if (format.type === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: format.schema } };
}
