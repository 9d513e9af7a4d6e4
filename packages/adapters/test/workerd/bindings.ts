import { env } from 'cloudflare:workers';
import type { DeploymentCoordinatorObject } from '../../src/cloudflare/durable-object/deployment-coordinator-object.ts';
import type { RateLimiterObject } from '../../src/cloudflare/durable-object/rate-limiter-object.ts';

/** What the workerd project of vitest.config.ts gives the tests. */
interface TestEnv {
  readonly DB: D1Database;
  readonly MODEL_CACHE: KVNamespace;
  readonly MODEL_BUCKET: R2Bucket;
  readonly DEPLOYMENT_COORDINATOR: DurableObjectNamespace<DeploymentCoordinatorObject>;
  readonly RATE_LIMITER: DurableObjectNamespace<RateLimiterObject>;
}

export const bindings = env as unknown as TestEnv;
