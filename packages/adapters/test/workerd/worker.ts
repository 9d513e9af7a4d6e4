import { DeploymentCoordinatorObject } from '../../src/cloudflare/durable-object/deployment-coordinator-object.ts';
import { RateLimiterObject } from '../../src/cloudflare/durable-object/rate-limiter-object.ts';

export { DeploymentCoordinatorObject as DeploymentCoordinator, RateLimiterObject as RateLimiter };

export default {
  fetch: () => new Response(null, { status: 404 }),
};
