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
 * @param holdsSecret whether text must not be seen by a client: such a code or param is left out. The message is cleaned later
 */
export function readErrorBody(text: string, holdsSecret: (text: string) => boolean): UpstreamErrorBody {
  const body = parseObject(text);
  if (body === undefined) return {};
  const { error, detail } = body;
  if (typeof error === 'string') return { message: error };
  const from = isMapping(error) ? error : body;
  const message = from.message ?? detail;
  return {
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
    ...(isToken(from.code) && !holdsSecret(from.code) ? { code: from.code } : {}),
    ...(isField(from.param) && !holdsSecret(from.param) ? { param: from.param } : {}),
  };
}

function isField(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 128;
}

/** Codes go into records, so only what looks like one is taken for one. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);
}
