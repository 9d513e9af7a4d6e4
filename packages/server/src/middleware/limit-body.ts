import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';
import { bodyTooLarge } from '../http/read-body-text.ts';

/** Refuses a body that says it is too large before a byte of it is read or a key is looked at. */
export const limitBody = (parts: AppParts) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    if (Number(c.req.header('content-length')) > parts.maxBodyBytes) {
      throw bodyTooLarge(parts.maxBodyBytes);
    }
    await next();
  });
