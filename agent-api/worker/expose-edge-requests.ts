import { createTrafficReader } from '@scarmonit/adapters/cloudflare/durable-object/traffic-reader';
import type { Deployments } from '@scarmonit/core/deployments/deployments';
import type { ExpositionService } from '@scarmonit/core/telemetry/expose-metrics';
import { toFamily } from '@scarmonit/core/telemetry/metric-family';
import type { Env } from './env.ts';
import { log } from './log.ts';

/**
 * Adds what isolates told the models' coordinators of. Records and figures take another way, into D1: what they have less
 * was lost with an isolate, or given up because D1 did not take it.
 */
export function exposeEdgeRequests(
  exposition: ExpositionService,
  { DEPLOYMENT_COORDINATOR: namespace }: Pick<Env, 'DEPLOYMENT_COORDINATOR'>,
  deployments: Pick<Deployments, 'list'>,
): ExpositionService {
  const readTraffic = createTrafficReader({
    namespace,
    onError: (error) => log('warn', 'the requests of a model could not be asked for; they are left out', { error }),
  });
  return {
    collect: async () => {
      const models = deployments.list().map(({ spec }) => spec.name);
      const [families, folded] = await Promise.all([exposition.collect(), readTraffic(models)]);
      const samples = folded.map(
        ({ model, version, outcome, requests }) => [{ model, version, outcome }, requests] as const,
      );
      const help = 'Requests that isolates told the coordinator of their deployment, each counted once.';
      return [...families, toFamily('scarmonit_edge_requests', 'counter', help, samples)];
    },
  };
}
