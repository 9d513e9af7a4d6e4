import type { Usage } from '../ports/model-runtime.ts';

/** The `usage` object of an answer in OpenAI's format; undefined for anything else. */
export function readUsage(usage: unknown): Usage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined;
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = usage as Record<string, unknown>;
  if (!isCount(prompt_tokens)) return undefined;
  const details =
    typeof prompt_tokens_details === 'object' && prompt_tokens_details !== null ? prompt_tokens_details : {};
  const cached = (details as Record<string, unknown>).cached_tokens;
  return {
    inputTokens: prompt_tokens,
    outputTokens: isCount(completion_tokens) ? completion_tokens : 0,
    ...(isCount(cached) ? { cachedInputTokens: cached } : {}),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
