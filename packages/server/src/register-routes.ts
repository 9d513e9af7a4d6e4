import type { Hono, MiddlewareHandler } from 'hono';
import type { AgentEnv, AppParts } from './app-parts.ts';
import { methodNotAllowed } from './errors/to-error-response.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody } from './middleware/limit-body.ts';
import { readBody } from './middleware/read-body.ts';
import { reserveLimits } from './middleware/reserve-limits.ts';
import type { Route } from './route.ts';

/** Registers every route behind the middleware that its declaration asks for, and 405 for the other methods. */
export function registerRoutes(app: Hono<AgentEnv>, routes: readonly Route[], parts: AppParts): void {
  for (const route of routes) {
    app.on(route.method, [route.path], ...middlewareOf(route, parts), (c) => route.handle(c, parts));
  }
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, (c) => methodNotAllowed(c, parts, allow));
  }
}

function middlewareOf(route: Route, parts: AppParts): MiddlewareHandler<AgentEnv>[] {
  const hasBody = route.method === 'POST' || route.method === 'PUT';
  return [
    ...(hasBody ? [limitBody(parts)] : []),
    ...(route.access === 'public' ? [] : [authenticate(parts, route.access)]),
    ...(hasBody ? [readBody(parts)] : []),
    ...(route.limited ? [reserveLimits(parts)] : []),
  ];
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
