import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { CompletionRequest } from '@scarmonit/protocol/openai/completion';
import { unsupported } from '../../errors/request-errors.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { defaultMaxTokens, toSampling } from '../../inference/to-sampling.ts';
import { toTextInput } from '../../inference/to-text-input.ts';

/**
 * One generation for each prompt, in the order given.
 * @throws ScarmonitError `unsupported` that names the field
 */
export function toGenerateRequests(body: CompletionRequest): readonly GenerateRequest[] {
  refuseUnsupported(body);
  const rest = {
    ...toSampling(body),
    maxTokens: body.max_tokens ?? defaultMaxTokens,
    format: { type: 'text' },
    tools: [],
    toolChoice: 'none',
    ...dropNullish({ topLogprobs: body.logprobs }),
  } as const;
  return toInputs(body).map((input) => ({ ...rest, input }));
}

function toInputs({ prompt, echo, stream }: CompletionRequest): readonly GenerateRequest['input'][] {
  const input = toTextInput(prompt);
  const inputs: readonly GenerateRequest['input'][] =
    input.kind === 'texts'
      ? input.texts.map((text) => ({ kind: 'text', text }))
      : input.tokens.map((tokens) => ({ kind: 'tokens', tokens }));
  if (echo === true && input.kind === 'tokens') {
    throw unsupported('echo', "'echo' is not supported with token ids as the prompt. Send the prompt as text.");
  }
  if (stream === true && inputs.length > 1) {
    throw unsupported('prompt', "Several prompts cannot be streamed. Send one prompt, or leave 'stream' out.");
  }
  return inputs;
}

function refuseUnsupported({ best_of, suffix, echo, logprobs }: CompletionRequest): void {
  if ((best_of ?? 1) > 1) {
    throw unsupported('best_of', "Only 'best_of' 1 is supported.");
  }
  if (suffix) {
    throw unsupported('suffix', "'suffix' is not supported by this server.");
  }
  if (echo === true && logprobs !== null && logprobs !== undefined) {
    throw unsupported('echo', "'echo' together with 'logprobs' is not supported: the prompt is not scored.");
  }
}
