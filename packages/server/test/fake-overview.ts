import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { FigureReport, ModelOverview } from '@scarmonit/core/metrics/overview';
import type { AgentServices } from '@scarmonit/core/services/agent-services';

const unknown: FigureReport = { figure: { reason: 'No requests in this time.' } };

const overview: ModelOverview = {
  model: 'chat-model',
  task: 'chat',
  stable: '1.0.0',
  weight: 0,
  updatedAt: 1_790_000_000_000,
  updatedBy: 'manifest',
  figures: {
    latencyP95Ms: { figure: { value: 450, samples: 100 }, goal: { target: 500, isMet: true, budgetLeft: 0.4 } },
    firstTokenP95Ms: unknown,
    errorRate: {
      figure: { value: 0.01, interval: { low: 0.002, high: 0.05 }, samples: 100 },
      goal: { target: 0.01 },
      series: [0, null],
    },
    throughputRps: unknown,
    accuracy: unknown,
    satisfaction: unknown,
    taskCompletion: unknown,
    costPerRequestUsd: unknown,
    uptime: unknown,
    activeUsers5m: unknown,
    activeUsers24h: unknown,
  },
  versions: [
    {
      version: '1.0.0',
      requests: 100,
      latencyP95Ms: { value: 450, samples: 100 },
      errorRate: { value: 0.01, samples: 100 },
      accuracy: { reason: 'No labels yet.' },
    },
  ],
};

/** Figures of one model, as long as the window was. */
export function createFakeOverview(): AgentServices['overview'] {
  const ofModel = (model: string | undefined): void => {
    if (model === undefined || model === overview.model) return;
    throw new ScarmonitError('unknown_model', `There is no model '${model}'.`, { code: 'model_not_found' });
  };
  const refused = {
    unauthenticated: 4,
    forbidden: 0,
    rate_limited: 2,
    unknown_model: 1,
    unknown_version: 0,
    invalid_request: 0,
    payload_too_large: 0,
  };
  return {
    report: async ({ windowMs, model }) => {
      ofModel(model);
      const report = { from: 0, to: windowMs, stepMs: windowMs / 2, models: [overview] };
      return model === undefined ? { ...report, refused } : report;
    },
    series: async ({ windowMs, model, byVersion }) => {
      ofModel(model);
      const point = {
        requests: 1,
        errorRate: 0,
        latencyP50Ms: 1,
        latencyP95Ms: 1,
        latencyP99Ms: 1,
        firstTokenP95Ms: null,
      };
      const points = [point];
      const lines = byVersion ? [{ version: '1.0.0', points }] : [{ points }];
      return { from: 0, to: windowMs, stepMs: windowMs, times: [0], lines };
    },
  };
}
