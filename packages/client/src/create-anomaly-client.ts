import { type AnomalyPage, anomalyPageSchema } from '@scarmonit/protocol/admin/anomaly';
import {
  type DriftReportView,
  driftReportSchema,
  type ForgottenReference,
  forgottenReferenceSchema,
  type TakenReference,
  takenReferenceSchema,
} from '@scarmonit/protocol/admin/drift';
import type { CallOptions, HttpTransport } from './http-transport.ts';

/** What models and keys do that they do not usually do, and how versions drift. */
export interface AnomalyClient {
  /** Newest first. `before` is `nextBefore` of the page before. */
  listAnomalies(
    page?: {
      readonly limit?: number;
      readonly open?: boolean;
      readonly kind?: 'model' | 'key';
      readonly subject?: string;
      readonly before?: string;
    },
    options?: CallOptions,
  ): Promise<AnomalyPage>;
  /** Of one model, or of all. */
  readDrift(model?: string, options?: CallOptions): Promise<DriftReportView>;
  /** Makes a model's next two weeks its new reference. */
  renewDriftReference(model: string, options?: CallOptions): Promise<ForgottenReference>;
  /**
   * Makes a data set the reference of a version, by default the stable one.
   * @param examples objects with `input`, `output`, `inputTokens` or `outputTokens`
   */
  setDriftReference(
    reference: { readonly model: string; readonly version?: string; readonly examples: readonly unknown[] },
    options?: CallOptions,
  ): Promise<TakenReference>;
}

export function createAnomalyClient(http: HttpTransport): AnomalyClient {
  const drift = '/api/admin/drift';
  return {
    listAnomalies: ({ open, ...page } = {}, options) => {
      const query = { ...page, ...(open === undefined ? {} : { open: String(open) }) };
      return http.read({ method: 'GET', path: '/api/admin/anomalies', query, ...options }, anomalyPageSchema);
    },
    readDrift: (model, options) => {
      const query = model === undefined ? {} : { model };
      return http.read({ method: 'GET', path: drift, query, ...options }, driftReportSchema);
    },
    setDriftReference: (reference, options) =>
      http.read({ method: 'PUT', path: `${drift}/reference`, json: reference, ...options }, takenReferenceSchema),
    renewDriftReference: (model, options) =>
      http.read({ method: 'POST', path: `${drift}/reference`, json: { model }, ...options }, forgottenReferenceSchema),
  };
}
