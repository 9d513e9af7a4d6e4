import type { FinishReason, TokenLogprob, Usage } from '@scarmonit/core/ports/model-runtime';
import type { Completion, CompletionLogprobs } from '@scarmonit/protocol/openai/completion';
import type { Generation } from '../../inference/collect-generation.ts';
import { toCompletionUsage } from '../../inference/to-usage.ts';
import { type AnswerIdentity, fingerprintOf } from '../chat-completions/build-chat-completion.ts';

export function buildCompletion(
  { id, created, servedBy }: AnswerIdentity,
  generations: readonly Generation[],
  usage: Usage,
  echoes: readonly string[],
  wantsLogprobs: boolean,
): Completion {
  return {
    id,
    object: 'text_completion',
    created,
    model: servedBy.model,
    system_fingerprint: fingerprintOf(servedBy),
    choices: generations.map((generation, index) => ({
      text: (echoes[index] ?? '') + generation.text,
      index,
      logprobs: wantsLogprobs ? toColumns(generation.logprobs, 0) : null,
      finish_reason: toCompletionReason(generation.reason),
    })),
    usage: toCompletionUsage(usage),
  };
}

/** Text completions have no tools, so that only three reasons are left. */
export function toCompletionReason(reason: FinishReason): 'stop' | 'length' | 'content_filter' {
  return reason === 'tool_calls' ? 'stop' : reason;
}

/** @param offset where in the completion's text the first token begins, in UTF-16 units */
export function toColumns(logprobs: readonly TokenLogprob[], offset: number): CompletionLogprobs {
  const offsets: number[] = [];
  let end = offset;
  for (const { token } of logprobs) {
    offsets.push(end);
    end += token.length;
  }
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: offsets,
  };
}
