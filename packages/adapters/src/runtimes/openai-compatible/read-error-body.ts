import { isMapping, parseObject } from '@scarmonit/core/upstream/parse-object';

/** What an upstream says of an error; absent is what it does not say in a usable form. */
export interface UpstreamErrorBody {
  readonly message?: string;
  readonly code?: string;
  readonly param?: string;
}

/**
 * Reads the error of an answer: `{error: {message, code, param}}` (OpenAI, llama.cpp), `{error: "…"}` (Ollama),
 * `{object: "error", message}` (older vLLM), `{detail}` (FastAPI). What is none of these says nothing.
 */
export function readErrorBody(text: string): UpstreamErrorBody {
  const body = parseObject(text);
  if (body === undefined) return {};
  const { error, detail } = body;
  if (typeof error === 'string') return { message: error };
  const from = isMapping(error) ? error : body;
  const message = from.message ?? detail;
  return {
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
    ...(isToken(from.code) ? { code: from.code } : {}),
    ...(typeof from.param === 'string' && from.param.length <= 128 ? { param: from.param } : {}),
  };
}

/** Codes go into records, so only what looks like one is taken for one. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);
}
