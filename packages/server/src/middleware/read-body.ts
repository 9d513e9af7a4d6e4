import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';
import { readBodyText } from '../http/read-body-text.ts';

/** Reads the body once, as text, within the limit. It stands after authentication: strangers are not read. */
export const readBody = (parts: AppParts) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    c.set('body', await readBodyText(c.req.raw, parts.maxBodyBytes));
    await next();
  });
