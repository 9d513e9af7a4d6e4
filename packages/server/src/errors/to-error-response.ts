import type { ErrorResponse } from '@scarmonit/protocol/openai/error';
import type { AgentContext, AppParts } from '../app-parts.ts';
import { answerHeaders } from '../http/answer.ts';
import { toPublicError } from './to-public-error.ts';

/** Answers any failure: the one place where errors become HTTP. Failures of ours are reported with their cause. */
export function toErrorResponse(c: AgentContext, parts: AppParts, error: unknown): Response {
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
  return new Response(JSON.stringify({ error: body } satisfies ErrorResponse), { status, headers });
}

/** 404 for a path that is no route, in the words of api.openai.com. */
export function routeNotFound(c: AgentContext, parts: AppParts): Response {
  return refuse(c, parts, 404, `Invalid URL (${c.req.method} ${c.req.path})`, 'not_found');
}

/** 405 for a known path, in the words of api.openai.com. */
export function methodNotAllowed(c: AgentContext, parts: AppParts, allow: string): Response {
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
): Response {
  const body: ErrorResponse = { error: { message, type: 'invalid_request_error', param: null, code } };
  return new Response(JSON.stringify(body), { status, headers: { ...answerHeaders(c, parts), ...extraHeaders } });
}
