import type { BlobStore } from '../ports/blob-store.ts';
import type { Prediction } from '../ports/prediction-repository.ts';

/**
 * Writes request records as NDJSON, one a line, to `predictions/YYYY-MM-DD/ID.ndjson`: the day (UTC) and the id of the
 * first. The same records written again, after an interruption, take the place of the same file.
 */
export async function archivePredictions(archive: BlobStore, predictions: readonly Prediction[]): Promise<void> {
  const [first] = predictions;
  if (first === undefined) return;
  const day = new Date(first.createdAt).toISOString().slice(0, 10);
  const lines = predictions.map((prediction) => `${JSON.stringify(prediction)}\n`);
  await archive.put(`predictions/${day}/${first.id}.ndjson`, new TextEncoder().encode(lines.join('')));
}
