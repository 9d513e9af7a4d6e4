import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { AgentServices } from '@scarmonit/core/services/agent-services';

/**
 * The services that an HTTP process has no part in: requests that need them are handed to the primary whole. Whatever is
 * asked of them here is a fault of ours, and says so.
 */
export const elsewhere: Omit<AgentServices, 'keys' | 'inference'> = {
  models: servedByPrimary('models'),
  predictions: servedByPrimary('predictions'),
  overview: servedByPrimary('overview'),
  exposition: servedByPrimary('exposition'),
  alerts: servedByPrimary('alerts'),
  health: servedByPrimary('health'),
  rollouts: servedByPrimary('rollouts'),
  versions: servedByPrimary('versions'),
  receipts: servedByPrimary('receipts'),
  feedback: servedByPrimary('feedback'),
  anomalies: servedByPrimary('anomalies'),
  drift: servedByPrimary('drift'),
  selfTest: servedByPrimary('selfTest'),
};

function servedByPrimary<Service extends object>(name: string): Service {
  const refuse = (): never => {
    throw new ScarmonitError(
      'internal',
      `The service '${name}' is the primary's, and was asked for in an HTTP process.`,
    );
  };
  return new Proxy({} as Service, { get: refuse });
}
