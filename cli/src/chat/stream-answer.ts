import type { ChatCompletionChunk } from '@scarmonit/protocol/openai/chat-completion';
import type { CompletionUsage } from '@scarmonit/protocol/openai/usage';

/** An answer and how fast it came. */
export interface MeasuredAnswer {
  readonly model: string;
  readonly text: string;
  readonly finishReason: string | null;
  readonly usage: CompletionUsage | null;
  /** From sending the request to the first text; null when there was none. */
  readonly firstTokenMs: number | null;
  /** Tokens after the first, by the time since the first; null when there were fewer than two. */
  readonly tokensPerSecond: number | null;
}

/**
 * Hands on the text of a stream as it comes and measures it.
 * @param monotonicMs a clock in milliseconds; it is read first when the request is sent
 */
export async function streamAnswer(
  chunks: AsyncIterable<ChatCompletionChunk>,
  onText: (text: string) => void,
  monotonicMs: () => number = () => performance.now(),
): Promise<MeasuredAnswer> {
  const sentAt = monotonicMs();
  let firstAt: number | undefined;
  let lastAt = sentAt;
  let model = '';
  let text = '';
  let finishReason: string | null = null;
  let usage: CompletionUsage | null = null;
  for await (const chunk of chunks) {
    model = chunk.model;
    usage = chunk.usage ?? usage;
    const [choice] = chunk.choices;
    finishReason = choice?.finish_reason ?? finishReason;
    const piece = choice?.delta.content ?? '';
    if (piece === '') continue;
    lastAt = monotonicMs();
    firstAt ??= lastAt;
    text += piece;
    onText(piece);
  }
  return {
    model,
    text,
    finishReason,
    usage,
    firstTokenMs: firstAt === undefined ? null : firstAt - sentAt,
    tokensPerSecond: rate(usage?.completion_tokens ?? 0, lastAt - (firstAt ?? lastAt)),
  };
}

function rate(tokens: number, elapsedMs: number): number | null {
  return tokens > 1 && elapsedMs > 0 ? ((tokens - 1) * 1000) / elapsedMs : null;
}

/** `tinyllama-chat: 42 tokens, 12.3 tokens/s, first token after 230 ms`. */
export function describeSpeed({ model, usage, tokensPerSecond, firstTokenMs, finishReason }: MeasuredAnswer): string {
  const figures = [
    ...(usage === null ? [] : [`${usage.completion_tokens} tokens`]),
    ...(tokensPerSecond === null ? [] : [`${tokensPerSecond.toFixed(1)} tokens/s`]),
    ...(firstTokenMs === null ? [] : [`first token after ${Math.round(firstTokenMs)} ms`]),
    ...(finishReason === 'length' ? ['cut off at the limit of tokens'] : []),
  ];
  return `${model}: ${figures.join(', ')}`;
}
