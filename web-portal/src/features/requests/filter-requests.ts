import type { PredictionView } from '@scarmonit/protocol/admin/prediction';

/** What of the requests is shown; stands in the page's address. */
export interface RequestFilter {
  readonly model?: string;
  readonly version?: string;
  readonly outcome?: string;
  readonly key?: string;
  /** At least as slow as this, in milliseconds. */
  readonly slowerMs?: number;
  /** The request that is open. */
  readonly open?: string;
}

/** Reads a filter from an address. What makes no sense is left out. */
export function readRequestFilter(search: Readonly<Record<string, unknown>>): RequestFilter {
  const filter: { -readonly [Name in keyof RequestFilter]: RequestFilter[Name] } = {};
  for (const name of ['model', 'version', 'outcome', 'key', 'open'] as const) {
    const value = search[name];
    // The router reads 1 from `?version=1`.
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') filter[name] = String(value);
  }
  const slowerMs = Number(search['slowerMs']);
  if (Number.isFinite(slowerMs) && slowerMs > 0) filter.slowerMs = slowerMs;
  return filter;
}

/** Whether a request is shown. */
export function isShown(request: PredictionView, filter: RequestFilter): boolean {
  return (
    (filter.model === undefined || request.model === filter.model) &&
    (filter.version === undefined || request.version === filter.version) &&
    (filter.outcome === undefined || request.outcome === filter.outcome) &&
    (filter.key === undefined || request.keyId === filter.key) &&
    (filter.slowerMs === undefined || request.latencyMs >= filter.slowerMs)
  );
}
