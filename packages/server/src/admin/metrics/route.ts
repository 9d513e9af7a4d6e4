import {
  type MetricsSeriesView,
  metricsSeriesQuerySchema,
  metricsSeriesSchema,
} from '@scarmonit/protocol/admin/metrics';
import { answerJson } from '../../http/answer.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';
import { readWindow } from '../overview/read-window.ts';

export const getMetricsSeries: Route = {
  method: 'GET',
  path: '/api/admin/metrics/series',
  access: 'read',
  limited: false,
  operation: {
    id: 'getMetricsSeries',
    summary: "A model's requests, errors and latencies over time, of all its versions or of each.",
    tag: 'Admin',
    query: metricsSeriesQuerySchema,
    answer: { status: 200, schemas: { MetricsSeries: metricsSeriesSchema } },
  },
  async handle(c, parts) {
    const { model, window, by } = parseValue(metricsSeriesQuerySchema, c.req.query());
    const wanted = { windowMs: readWindow(window), model, byVersion: by === 'version' };
    const { from, to, stepMs, times, lines } = await parts.services.overview.series(wanted);
    return answerJson(c, parts, {
      from,
      to,
      stepMs,
      times: [...times],
      lines: lines.map(({ version, points }) => ({ version: version ?? null, points: [...points] })),
    } satisfies MetricsSeriesView);
  },
};
