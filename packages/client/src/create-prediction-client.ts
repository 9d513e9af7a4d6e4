import {
  type ExportFormat,
  type PredictionFilterQuery,
  type PredictionPage,
  predictionPageSchema,
  type Summary,
  summarySchema,
} from '@scarmonit/protocol/admin/prediction';
import type { CallOptions, HttpTransport } from './http-transport.ts';

/** Requests as they were recorded. */
export interface PredictionClient {
  /**
   * `GET /api/admin/predictions`, newest first. A page may hold fewer than `limit`, even none, although there are more:
   * `nextBefore` is null on the last one only.
   */
  listPredictions(query?: PredictionQuery, options?: CallOptions): Promise<PredictionPage>;
  /** `GET /api/admin/predictions/export`: all that match, as bytes that come while they are read. */
  exportPredictions(
    query?: PredictionFilterQuery & { readonly format?: ExportFormat },
    options?: CallOptions,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** `GET /api/admin/summary`: sums by model, version and outcome since a time in milliseconds since the Unix epoch. */
  summarizePredictions(since?: number, options?: CallOptions): Promise<Summary>;
}

export interface PredictionQuery extends PredictionFilterQuery {
  readonly limit?: number;
  /** `nextBefore` of the page before. */
  readonly before?: string;
  /** Id of a record: only what came after it. */
  readonly after?: string;
}

export function createPredictionClient(http: HttpTransport): PredictionClient {
  const path = '/api/admin/predictions';
  return {
    listPredictions: (query = {}, options) =>
      http.read({ method: 'GET', path, query: { ...query }, ...options }, predictionPageSchema),
    exportPredictions: async (query = {}, options) => {
      const { body } = await http.send({ method: 'GET', path: `${path}/export`, query: { ...query }, ...options });
      return body ?? nothing();
    },
    summarizePredictions: (since, options) =>
      http.read({ method: 'GET', path: '/api/admin/summary', query: { since }, ...options }, summarySchema),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
