import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { quantile } from './window-requests.ts';

/** Quantiles of one version, over time. */
export interface LatencySeries {
  readonly version: string;
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
}

/** Latencies of answers in full by version; times in seconds since the Unix epoch, the middles of the stretches. */
export function toLatencySeries(
  requests: readonly PredictionView[],
  { from, to, buckets }: { readonly from: number; readonly to: number; readonly buckets: number },
): { readonly times: readonly number[]; readonly versions: readonly LatencySeries[] } {
  const bucketMs = (to - from) / buckets;
  const answered = requests.filter(({ createdAt, outcome }) => outcome === 'ok' && createdAt >= from && createdAt < to);
  const names = [...new Set(answered.map(({ version }) => version))].sort();
  const versions = names.map((version) => {
    const sorted = Array.from({ length: buckets }, (): number[] => []);
    for (const request of answered) {
      if (request.version === version)
        sorted[Math.floor((request.createdAt - from) / bucketMs)]?.push(request.latencyMs);
    }
    for (const latencies of sorted) latencies.sort((one, other) => one - other);
    return {
      version,
      p50: sorted.map((latencies) => quantile(latencies, 0.5) ?? null),
      p95: sorted.map((latencies) => quantile(latencies, 0.95) ?? null),
    };
  });
  return { times: Array.from({ length: buckets }, (_, index) => (from + (index + 0.5) * bucketMs) / 1000), versions };
}
