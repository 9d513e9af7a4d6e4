// What figures cost to keep and to read: `npm run bench -- metrics --predictions 1000000,10000000`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqlite } from '../../packages/adapters/src/sqlite/open-sqlite.ts';
import { createSystemClock } from '../../packages/adapters/src/system/system-clock.ts';
import { createMetricsRepository } from '../../packages/store/src/metrics-repository.ts';
import { migrate } from '../../packages/store/src/migrate.ts';
import { fillFeedback, fillMetrics, fillPredictions } from './fill-store.ts';
import { measureOverview, measurePercentiles } from './measure-reading.ts';
import { measureRecording } from './measure-recording.ts';

const { values } = parseArgs({
  options: {
    /** Requests that are stored when the overview is read; several numbers, growing. */
    predictions: { type: 'string', default: '1000000' },
    versions: { type: 'string', default: '20' },
    days: { type: 'string', default: '30' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const versions = Number(values.versions);

console.log(`\nRecording, in memory, requests over ${versions} versions`);
const recording = measureRecording(versions);
console.table(recording);

const folder = await mkdtemp(join(tmpdir(), 'scarmonit-metrics-'));
try {
  const database = openSqlite(join(folder, 'metrics.db'));
  await migrate(database, createSystemClock());
  const repository = createMetricsRepository(database);
  await fillMetrics(repository, versions, Number(values.days));
  console.log(`\nP95 over windows, ${values.days} days × ${versions} versions stored, median of 9`);
  const percentiles = await measurePercentiles(repository);
  console.table(percentiles);

  console.log('\nThe overview, median of 9');
  const overviews: Record<string, unknown>[] = [];
  let stored = 0;
  for (const predictions of values.predictions.split(',').map(Number)) {
    await fillPredictions(database, stored, predictions);
    if (stored === 0) await fillFeedback(database, 10_000, predictions);
    stored = predictions;
    overviews.push(...(await measureOverview(database)).map((cost) => ({ predictions, ...cost })));
  }
  console.table(overviews);

  await mkdir(values.out, { recursive: true });
  const path = resolve(join(values.out, 'metrics.json'));
  await writeFile(path, `${JSON.stringify({ recording, percentiles, overviews }, undefined, 2)}\n`);
  console.log(`\nWritten to ${path}`);
  await database.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
