import type { ErrorResponse } from '@scarmonit/protocol/openai/error';
import type { AgentContext, AppParts, CallContext } from '../app-parts.ts';
import { type Answer, answerHeaders } from '../http/answer.ts';
import { toPublicError } from './to-public-error.ts';

/** Answers any failure: the one place where errors become HTTP. Failures of ours are reported with their cause. */
export function toErrorAnswer(c: CallContext, parts: AppParts, error: unknown): Answer {
  const { status, body, retryAfterMs } = toPublicError(error);
  if (status >= 500) {
    parts.reportError(error, c.get('requestId'));
  }
  const headers = answerHeaders(c, parts);
  if (retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    headers['retry-after-ms'] = String(Math.ceil(retryAfterMs));
  }
  if (status === 401) {
    headers['www-authenticate'] = 'Bearer';
  }
  return { status, headers, body: JSON.stringify({ error: body } satisfies ErrorResponse) };
}

/** 404 for a path that is no route, in the words of api.openai.com. */
export function routeNotFound(c: AgentContext, parts: AppParts): Answer {
  return refuse(c, parts, 404, `Invalid URL (${c.req.method} ${c.req.path})`, 'not_found');
}

/** 405 for a known path, in the words of api.openai.com. */
export function methodNotAllowed(c: AgentContext, parts: AppParts, allow: string): Answer {
  const message = `Not allowed to ${c.req.method} on ${c.req.path}. Allowed: ${allow}.`;
  return refuse(c, parts, 405, message, 'method_not_supported', { allow });
}

function refuse(
  c: AgentContext,
  parts: AppParts,
  status: number,
  message: string,
  code: string,
  extraHeaders: Readonly<Record<string, string>> = {},
): Answer {
  const body: ErrorResponse = { error: { message, type: 'invalid_request_error', param: null, code } };
  return { status, headers: { ...answerHeaders(c, parts), ...extraHeaders }, body: JSON.stringify(body) };
}
