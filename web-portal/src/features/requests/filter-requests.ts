import type { PredictionFilterQuery } from '@scarmonit/protocol/admin/prediction';
import { isOutcome } from './describe-outcome.ts';

/** What of the requests is shown; stands in the page's address. */
export interface RequestFilter {
  readonly model?: string;
  readonly version?: string;
  readonly outcome?: string;
  /** Id of a key. */
  readonly key?: string;
  /** Id of a request, as `x-request-id` told it. */
  readonly request?: string;
  /** At least as slow as this, in milliseconds. */
  readonly slowerMs?: number;
  /** The request that is open. */
  readonly open?: string;
}

/** Reads a filter from an address. What makes no sense is left out. */
export function readRequestFilter(search: Readonly<Record<string, unknown>>): RequestFilter {
  const filter: { -readonly [Name in keyof RequestFilter]: RequestFilter[Name] } = {};
  for (const name of ['model', 'version', 'outcome', 'key', 'request', 'open'] as const) {
    const value = search[name];
    // The router reads 1 from `?version=1`.
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') filter[name] = String(value);
  }
  if (filter.outcome !== undefined && !isOutcome(filter.outcome)) delete filter.outcome;
  const slowerMs = Number(search['slowerMs']);
  if (Number.isFinite(slowerMs) && slowerMs > 0) filter.slowerMs = slowerMs;
  return filter;
}

/** The filter as the server takes it. */
export type RequestQuery = Readonly<
  Record<
    keyof Pick<PredictionFilterQuery, 'model' | 'version' | 'outcome' | 'keyId' | 'requestId'>,
    string | undefined
  > &
    Record<'minLatencyMs', number | undefined>
>;

export function toRequestQuery({ model, version, outcome, key, request, slowerMs }: RequestFilter): RequestQuery {
  return { model, version, outcome, keyId: key, requestId: request, minLatencyMs: slowerMs };
}

/** Where all requests of a filter come from as a file. */
export function toExportUrl(query: RequestQuery, format: 'csv' | 'ndjson'): string {
  const parameters = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return `/api/admin/predictions/export?${parameters}`;
}
