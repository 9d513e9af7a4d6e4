import { type MetricsSeriesView, metricsSeriesSchema } from '@scarmonit/protocol/admin/metrics';
import { type OverviewView, overviewSchema } from '@scarmonit/protocol/admin/overview';
import type { CallOptions, HttpTransport } from './http-transport.ts';

/** Figures of models. A window is a length of time that ends now, such as `15m`, `24h` or `30d`; default `1h`. */
export interface MetricsClient {
  /** Each model's figures beside its goals, or those of one. */
  readOverview(
    wanted?: { readonly model?: string; readonly window?: string },
    options?: CallOptions,
  ): Promise<OverviewView>;
  /** A model's figures over time, of all versions together or of each. */
  readMetricsSeries(
    wanted: { readonly model: string; readonly window?: string; readonly by?: 'version' },
    options?: CallOptions,
  ): Promise<MetricsSeriesView>;
}

export function createMetricsClient(http: HttpTransport): MetricsClient {
  return {
    readOverview: (wanted = {}, options) =>
      http.read({ method: 'GET', path: '/api/admin/overview', query: wanted, ...options }, overviewSchema),
    readMetricsSeries: (wanted, options) =>
      http.read({ method: 'GET', path: '/api/admin/metrics/series', query: wanted, ...options }, metricsSeriesSchema),
  };
}
