import type { TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import type { ServedBy } from '@scarmonit/core/services/agent-services';
import type { ChatCompletion, WireTokenLogprob } from '@scarmonit/protocol/openai/chat-completion';
import type { Generation } from '../../inference/collect-generation.ts';
import { toCompletionUsage } from '../../inference/to-usage.ts';

/** What all objects of one answer have in common. */
export interface AnswerIdentity {
  readonly id: string;
  /** Seconds since the Unix epoch. */
  readonly created: number;
  readonly servedBy: ServedBy;
}

/** Changes when what answers changes: the version is all that decides, or what stood in for it. */
export const fingerprintOf = ({ version, fallback }: ServedBy): string => `fp_${fallback ?? version}`;

export function buildChatCompletion(
  { id, created, servedBy }: AnswerIdentity,
  generation: Generation,
  wantsLogprobs: boolean,
): ChatCompletion {
  const { text, toolCalls, reason } = generation;
  return {
    id,
    object: 'chat.completion',
    created,
    model: servedBy.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && toolCalls.length > 0 ? null : text,
          refusal: null,
          annotations: [],
          ...(toolCalls.length === 0
            ? {}
            : {
                tool_calls: toolCalls.map((call) => ({
                  id: call.id,
                  type: 'function',
                  function: { name: call.name, arguments: call.arguments },
                })),
              }),
        },
        logprobs: wantsLogprobs ? { content: toWireLogprobs(generation.logprobs), refusal: null } : null,
        finish_reason: reason,
      },
    ],
    usage: toCompletionUsage(generation.usage),
    service_tier: 'default',
    system_fingerprint: fingerprintOf(servedBy),
  };
}

export function toWireLogprobs(logprobs: readonly TokenLogprob[]): WireTokenLogprob[] {
  return logprobs.map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    bytes: [...bytes],
    top_logprobs: top.map((alternative) => ({ ...alternative, bytes: [...alternative.bytes] })),
  }));
}
