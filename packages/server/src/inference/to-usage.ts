import type { Usage } from '@scarmonit/core/ports/model-runtime';
import type { CompletionUsage, InputUsage } from '@scarmonit/protocol/openai/usage';

export function toCompletionUsage({ inputTokens, outputTokens, cachedInputTokens }: Usage): CompletionUsage {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

export function toInputUsage(inputTokens: number): InputUsage {
  return { prompt_tokens: inputTokens, total_tokens: inputTokens };
}
