import type { BlobStore } from '@scarmonit/core/ports/blob-store';
import type { KeyValueStore } from '@scarmonit/core/ports/key-value-store';
import type { PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import { deleteExpired } from '@scarmonit/core/services/expire-predictions';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** As long as the mission keeps its metrics. */
const figuresKeptMs = 30 * dayMs;
/** In pieces that D1 takes, and not more of them than an invocation may ask for; the next hour goes on. */
const rowsAtOnce = 1_000;
const mostBatches = 40;

export interface HourlyParts {
  readonly predictions: Pick<PredictionRepository, 'summarize' | 'listOldest' | 'deleteBefore'>;
  /** Where records are kept before they are deleted; absent: nowhere. */
  readonly archive: BlobStore | undefined;
  readonly metrics: KeyValueStore;
  readonly projectId: string;
  readonly retentionDays: number;
}

/**
 * What has to be done now and then: keeps the last hour's figures, and forgets records that are old enough.
 * @param now milliseconds since the Unix epoch
 */
export async function runHourly(parts: HourlyParts, now: number): Promise<void> {
  const { predictions, metrics, projectId, retentionDays, archive } = parts;
  const since = now - hourMs;
  const figures = await predictions.summarize(projectId, since);
  const name = `metrics:${new Date(now).toISOString().slice(0, 13)}`;
  await metrics.put(name, JSON.stringify({ since, until: now, figures }), figuresKeptMs);
  let batches = 0;
  const mayGoOn = (): boolean => batches++ < mostBatches;
  await deleteExpired({ repository: predictions, projectId, retentionDays, archive }, now, { rowsAtOnce, mayGoOn });
}
