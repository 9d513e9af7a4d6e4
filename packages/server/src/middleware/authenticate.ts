import type { Scope } from '@scarmonit/core/keys/api-key';
import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';

const bearer = /^Bearer +(\S+) *$/i;

/** Finds the caller's key by its bearer token and checks that it may do `scope`. */
export const authenticate = (parts: AppParts, scope: Scope) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    const secret = c.req.header('authorization')?.match(bearer)?.[1];
    c.set('key', parts.services.keys.authenticate(secret, scope));
    await next();
  });
