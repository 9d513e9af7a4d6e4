import { RateLimiterObject } from '@scarmonit/adapters/cloudflare/durable-object/rate-limiter-object';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { answerEarly, refuseOldTls } from './answer-early.ts';
import { type ComposedApp, compose } from './compose.ts';
import { ConfigError } from './config.ts';
import { DeploymentCoordinator } from './deployment-coordinator.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

/** Made at the first request: nothing runs when the module is loaded. */
let app: ComposedApp | undefined;

/** Not at the full hour, when everybody's work begins. */
const hourlyAtMinute = 17;

/** Paths that tell of the worker's own health, and must answer when the store does not. */
const healthPaths = new Set(['/healthz', '/readyz']);

export default {
  async fetch(request, env) {
    const refused = refuseOldTls(request.cf?.tlsVersion);
    if (refused !== undefined) return refused;
    const path = new URL(request.url).pathname;
    try {
      app ??= compose(env);
      if (path !== '/healthz') await app.prepare();
    } catch (error) {
      if (app === undefined || !healthPaths.has(path)) return explainStart(error);
    }
    return app.fetch(request);
  },

  async scheduled({ scheduledTime }, env) {
    app ??= compose(env);
    await app.prepare();
    try {
      await app.runEveryMinute(scheduledTime);
    } finally {
      if (new Date(scheduledTime).getUTCMinutes() === hourlyAtMinute) await app.runHourly(scheduledTime);
    }
  },
} satisfies ExportedHandler<Env>;

export { DeploymentCoordinator, RateLimiterObject as RateLimiter };

/**
 * Why this isolate cannot answer anything yet. A missing secret and a store of another schema are told to the caller: nobody
 * else may be looking.
 */
function explainStart(error: unknown): Response {
  log('error', 'the worker cannot start', { error });
  const isConfig = error instanceof ConfigError;
  const isPublic = isConfig || (error instanceof ScarmonitError && error.kind !== 'internal');
  return answerEarly(
    503,
    {
      message: isPublic ? error.message : 'The store cannot be read. The log says why (npm run tail).',
      type: 'server_error',
      code: isConfig ? 'not_configured' : 'store_unavailable',
    },
    { 'retry-after': '5' },
  );
}
