import type { PredictionView } from '@scarmonit/protocol/admin/prediction';

/** A stretch of a request's life, as shares of the whole. */
export interface Stretch {
  readonly title: string;
  readonly fromMs: number;
  readonly lengthMs: number;
}

type Timing = Pick<PredictionView, 'queueMs' | 'firstTokenMs' | 'latencyMs' | 'stream'>;

/** Cuts a request into waiting, the way to the first token, and the rest. What was not measured joins what follows it. */
export function toWaterfall({ queueMs, firstTokenMs, latencyMs, stream }: Timing): readonly Stretch[] {
  const queued = Math.min(queueMs ?? 0, latencyMs);
  const first = firstTokenMs === null ? undefined : Math.min(Math.max(firstTokenMs, queued), latencyMs);
  const stretches: Stretch[] = [];
  if (queueMs !== null) stretches.push({ title: 'waited', fromMs: 0, lengthMs: queued });
  if (first === undefined) {
    stretches.push({ title: 'worked', fromMs: queued, lengthMs: latencyMs - queued });
    return stretches;
  }
  stretches.push({ title: 'to the first token', fromMs: queued, lengthMs: first - queued });
  stretches.push({ title: stream ? 'streamed' : 'generated', fromMs: first, lengthMs: latencyMs - first });
  return stretches;
}
