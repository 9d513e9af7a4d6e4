import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { describeApi } from './api/openapi/route.ts';
import { type AgentApiOptions, type AgentEnv, toAppParts } from './app-parts.ts';
import { createDirectRoutes, type DirectRoutes } from './direct-routes.ts';
import { routeNotFound, toErrorAnswer } from './errors/to-error-answer.ts';
import { toResponse } from './http/to-response.ts';
import { assignRequestId } from './middleware/assign-request-id.ts';
import { createEventsRoute } from './portal/events-route.ts';
import { servePortal } from './portal/serve-portal.ts';
import { createSessionRoutes } from './portal/session-routes.ts';
import { registerRoutes } from './register-routes.ts';
import { directRoutes, routes } from './routes.ts';

export type { AgentApiOptions } from './app-parts.ts';

/** Headers that browsers may show to scripts of another origin. */
const exposedHeaders = [
  'openai-processing-ms',
  'retry-after',
  'retry-after-ms',
  'traceresponse',
  'x-model-fallback',
  'x-model-version',
  'x-ratelimit-limit-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-requests',
  'x-ratelimit-reset-tokens',
  'x-request-id',
];

/** One API, two ways into it. */
export interface AgentApi {
  /** For every request, on web standards alone. */
  readonly fetch: Hono<AgentEnv>['fetch'];
  /** For the routes that carry the load, for hosts that have their requests in another form. */
  readonly direct: DirectRoutes;
}

/**
 * The HTTP API over the services: the same app runs on Node and on Workers.
 * Every failure, whatever its place, is answered in OpenAI's error shape with an `x-request-id`.
 */
export function createAgentApi(services: AgentServices, options: AgentApiOptions = {}): AgentApi {
  const parts = toAppParts(services, options);
  const app = new Hono<AgentEnv>();
  const origins = options.cors?.origins ?? [];
  if (origins.length > 0) {
    app.use(cors({ origin: [...origins], exposeHeaders: exposedHeaders, maxAge: 600 }));
  }
  app.use(assignRequestId(parts));
  const served =
    options.portal === undefined
      ? routes
      : [...routes, ...createSessionRoutes(options.portal), createEventsRoute(options.portal)];
  registerRoutes(app, [...served, describeApi(served)], parts);
  const files = options.portal?.files;
  app.notFound(async (c) => {
    const page = files === undefined ? undefined : await servePortal(c, files);
    return page ?? toResponse(routeNotFound(c, parts));
  });
  app.onError((error, c) => toResponse(toErrorAnswer(c, parts, error)));
  return { fetch: app.fetch, direct: createDirectRoutes(directRoutes, parts) };
}
