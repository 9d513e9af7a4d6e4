import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';
import { toErrorAnswer } from '../errors/to-error-answer.ts';
import { toResponse } from '../http/to-response.ts';
import { beginRequest } from './begin-request.ts';

/** Begins every request that comes by Hono, whatever becomes of it. */
export const assignRequestId = (parts: AppParts) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    beginRequest(c, parts);
    try {
      await next();
    } catch (thrown) {
      // Hono hands only instances of Error to onError; anything else that was thrown arrives here.
      c.res = toResponse(toErrorAnswer(c, parts, thrown));
    }
  });
