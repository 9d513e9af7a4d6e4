import { QuantileSketch } from '../../packages/core/src/metrics/quantile-sketch.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../packages/core/src/metrics/windows.ts';
import type { MetricsRepository, MinuteRow } from '../../packages/core/src/ports/metrics-repository.ts';
import type { SqlDatabase } from '../../packages/core/src/ports/sql-database.ts';
import { benchNow, makePrediction } from './make-prediction.ts';

/** The end of an hour's middle, so that a window has minutes at both ends. */
export const filledUntil = floorTo(benchNow, dayMs) + 13 * hourMs + 31 * minuteMs;

/**
 * Figures of 30 days: every minute of the last two, and before that as much of each hour as makes the hour's row.
 * @param versions that got requests all the time, with good answers and failures
 */
export async function fillMetrics(repository: MetricsRepository, versions: number, days: number): Promise<void> {
  const first = floorTo(filledUntil, dayMs) - days * dayMs;
  for (let day = first; day < filledUntil; day += dayMs) {
    const isRecent = day >= filledUntil - 3 * dayMs;
    for (let at = day; at < Math.min(day + dayMs, filledUntil); at += isRecent ? minuteMs : hourMs) {
      await repository.write('default', { minutes: rowsOf(at, versions), keyHours: [], users: [] });
    }
    await repository.fold('default', Math.min(day + dayMs + 2 * minuteMs, filledUntil));
    await repository.expire('default', Math.min(day + dayMs + 2 * minuteMs, filledUntil), 0);
  }
}

/** Made once: what differs from minute to minute costs nothing to read. */
const sketches = (['ok', 'error'] as const).map((outcome) => {
  const sketch = new QuantileSketch();
  for (let index = 0; index < 300; index += 1) sketch.add(makePrediction(index, 1).latencyMs);
  return { outcome, latency: sketch.toText(), firstToken: sketch.toText(), queue: sketch.toText() };
});

function rowsOf(startedAt: number, versions: number): readonly MinuteRow[] {
  return Array.from({ length: versions }, (_, version) =>
    sketches.map((sketch) => ({
      startedAt,
      model: 'chat',
      version: `1.${version}.0`,
      route: '/v1/chat/completions',
      source: 'bench',
      requests: 300,
      inputTokens: 30_000,
      outputTokens: 60_000,
      costUsd: 0.3,
      ...sketch,
    })),
  ).flat();
}

const columns = `id, project_id, created_at, request_id, key_id, model, version, route, outcome, status, stream,
  latency_ms, input_tokens, output_tokens, cost_usd, answer`;

/** Requests, evenly over the 30 days before the end, from one number to another. Indexes are made anew: it is faster. */
export async function fillPredictions(db: SqlDatabase, from: number, to: number): Promise<void> {
  const atOnce = 250_000;
  const indexes = await db.query({
    sql: "select name, sql from sqlite_master where type = 'index' and tbl_name = 'predictions' and sql is not null",
    parameters: [],
  });
  for (const { name } of indexes) await db.query({ sql: `drop index "${name}"`, parameters: [] });
  for (let start = from; start < to; start += atOnce) {
    const count = Math.min(atOnce, to - start);
    await db.query({
      sql: `insert into predictions (${columns})
        with recursive n(i) as (select ${start} union all select i + 1 from n where i < ${start + count - 1})
        select printf('%012d', i), 'default', ${filledUntil - 30 * dayMs} + i * ${(30 * dayMs) / to}, 'req_' || i,
          'key' || (i % 7), 'chat', '1.' || (i % 20) || '.0', '/v1/chat/completions', 'ok', 200, 1, 120.5, 100, 200,
          0.001, 'positive' from n`,
      parameters: [],
    });
  }
  for (const { sql } of indexes) await db.query({ sql: String(sql), parameters: [] });
}

/** Labels for some of the requests. */
export async function fillFeedback(db: SqlDatabase, labels: number, requests: number): Promise<void> {
  await db.query({
    sql: `insert into feedback (project_id, id, request_id, key_id, label, label_digest, created_at)
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${labels - 1})
      select 'default', printf('%012d', i), 'req_' || (i * ${Math.floor(requests / labels)}), 'key1', 'x',
        case when i % 20 = 0 then 'negative' else 'positive' end, ${filledUntil - dayMs} from n`,
    parameters: [],
  });
}
