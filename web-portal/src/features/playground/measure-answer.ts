import type { VersionView } from '@scarmonit/protocol/admin/model';
import type { AnswerSoFar } from './stream-answer.ts';

/** Tokens a second from the first token on; undefined while that cannot be known. */
export function tokensPerSecond({ firstTokenMs, totalMs, outputTokens }: AnswerSoFar): number | undefined {
  if (firstTokenMs === undefined || totalMs === undefined || outputTokens === undefined || outputTokens < 2)
    return undefined;
  const seconds = (totalMs - firstTokenMs) / 1000;
  return seconds <= 0 ? undefined : (outputTokens - 1) / seconds;
}

/** What an answer cost by the version's prices, in dollars; undefined until its tokens are known. */
export function costOf(answer: AnswerSoFar, prices: VersionView['prices']): number | undefined {
  const { inputTokens, outputTokens, totalMs } = answer;
  if (inputTokens === undefined || outputTokens === undefined || totalMs === undefined) return undefined;
  return (
    prices.perRequestUsd +
    (inputTokens * prices.inputPerMillionTokensUsd + outputTokens * prices.outputPerMillionTokensUsd) / 1_000_000 +
    (totalMs / 1000) * prices.perSecondUsd
  );
}

/** Cosine of two vectors of one length, from -1 to 1. */
export function cosine(one: readonly number[], other: readonly number[]): number {
  let dot = 0;
  let squares = 0;
  let otherSquares = 0;
  for (const [index, value] of one.entries()) {
    const second = other[index] ?? 0;
    dot += value * second;
    squares += value * value;
    otherSquares += second * second;
  }
  return squares === 0 || otherSquares === 0 ? 0 : dot / Math.sqrt(squares * otherSquares);
}
