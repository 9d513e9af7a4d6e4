import type { Hono } from 'hono';
import type { AgentEnv, AppParts } from './app-parts.ts';
import { methodNotAllowed } from './errors/to-error-answer.ts';
import { readBodyText } from './http/read-body-text.ts';
import { toResponse } from './http/to-response.ts';
import type { Route } from './route.ts';
import { runRoute } from './run-route.ts';

/** Registers every route behind what its declaration asks for, and 405 for the other methods. */
export function registerRoutes(app: Hono<AgentEnv>, routes: readonly Route[], parts: AppParts): void {
  for (const route of routes) {
    app.on(route.method, [route.path], async (c) => {
      const readBody = (): Promise<string> => readBodyText(c.req.raw, parts.maxBodyBytes);
      const reply = await runRoute(route, c, parts, readBody, () => route.handle(c, parts));
      return reply instanceof Response ? reply : toResponse(reply);
    });
  }
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, (c) => toResponse(methodNotAllowed(c, parts, allow)));
  }
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, string> {
  const allowed = new Map<string, string>();
  for (const { path, method } of routes) {
    const methods = method === 'GET' ? 'GET, HEAD' : method;
    const earlier = allowed.get(path);
    allowed.set(path, earlier === undefined ? methods : `${earlier}, ${methods}`);
  }
  return allowed;
}
