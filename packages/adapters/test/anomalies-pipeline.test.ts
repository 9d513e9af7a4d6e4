import { UsageCounters } from '@scarmonit/core/anomalies/usage-counters';
import { DriftCounters } from '@scarmonit/core/drift/drift-counters';
import type { Anomaly } from '@scarmonit/core/ports/anomaly-repository';
import type { KnownDrift } from '@scarmonit/core/ports/drift-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createWatchCounts } from '@scarmonit/core/services/watch-anomalies-counts';
import { createWatchRound } from '@scarmonit/core/services/watch-anomalies-rounds';
import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { createAnomalyRepository } from '@scarmonit/store/anomaly-repository';
import { createDriftRepository } from '@scarmonit/store/drift-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';
import { migrate } from '@scarmonit/store/migrate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

const projectId = 'default';
const windowMs = 300_000;
const dayMs = 86_400_000;
/** A Monday, at midnight. */
const monday = 1_700_438_400_000;

let database: SqlDatabase & { close(): Promise<void> };
let clock: FakeClock;
let told: Anomaly[];
let drifted: KnownDrift[];

beforeEach(async () => {
  database = openSqlite(':memory:');
  clock = createFakeClock(monday);
  told = [];
  drifted = [];
  await migrate(database, clock);
});
afterEach(() => database.close());

/** A process that counts and judges. */
function startProcess(name: string) {
  const usage = new UsageCounters(name);
  const drift = new DriftCounters(clock);
  const anomalies = createAnomalyRepository(database);
  const features = createDriftRepository(database);
  const fail = (error: unknown): never => {
    throw error;
  };
  const counts = createWatchCounts({ usage, drift, anomalies, features, clock, projectId, onError: fail });
  const judge = createWatchRound({
    anomalies: {
      repository: anomalies,
      projectId,
      clock,
      labelOf: async ({ kind, subject }) => (kind === 'key' ? `sk-${subject}` : subject),
      onBegun: (begun) => told.push(...begun),
    },
    drift: { repository: features, projectId, clock, onDrifted: (known) => drifted.push(...known) },
    leases: createLeaseRepository(database),
    clock,
    ids: { next: () => name },
    projectId,
    onError: fail,
  });
  return {
    ask: (requests: number, rest = {}) => {
      for (let asked = 0; asked < requests; asked += 1) {
        counts.record(testPrediction({ createdAt: clock.now(), ...rest }));
      }
    },
    round: async () => {
      await counts.flush();
      await judge();
    },
  };
}

type Process = ReturnType<typeof startProcess>;

/** Lets windows pass in which every process is asked so much. */
async function pass(windows: number, processes: readonly Process[], requests: number): Promise<void> {
  for (let window = 0; window < windows; window += 1) {
    for (const process of processes) process.ask(requests);
    await clock.advance(windowMs / 2);
    for (const process of processes) await process.round();
    await clock.advance(windowMs / 2);
  }
}

const windowsOfTwoDays = (2 * dayMs) / windowMs + 12;

describe('anomalies from requests to the store', () => {
  it('adds processes up, tells once, and knows when it is over', async () => {
    const processes = [startProcess('a'), startProcess('b')];
    await pass(windowsOfTwoDays, processes, 3);
    expect(told).toEqual([]);
    // One of them is restarted in the middle.
    processes[0]?.ask(70);
    processes[1]?.ask(60);
    await processes[0]?.round();
    processes[0] = startProcess('c');
    processes[0].ask(40);
    const since = clock.now();
    await pass(1, processes, 0);
    await pass(1, processes, 3);
    const [first] = told.filter(({ kind }) => kind === 'key');
    expect(told).toHaveLength(2);
    expect(first).toMatchObject({ subject: 'key1', label: 'sk-key1', measure: 'requests', value: 170, since });
    expect(first?.usual).toBeCloseTo(6, 1);
    await pass(6, processes, 3);
    expect(told).toHaveLength(2);
    const stored = await createAnomalyRepository(database).list(projectId, { limit: 10 });
    expect(stored.map(({ kind, until }) => [kind, until === undefined])).toEqual([
      ['model', false],
      ['key', false],
    ]);
  });

  it('begins anew after a time in which nobody watched, and takes that for unknown', async () => {
    const process = startProcess('a');
    await pass(10, [process], 3);
    process.ask(500);
    await clock.advance(3_600_000);
    await process.round();
    await pass(4, [process], 3);
    const repository = createAnomalyRepository(database);
    const progress = await repository.readProgress(projectId);
    expect(progress?.knownSince).toBe(monday + 10 * windowMs + 3_600_000);
    const [known] = await repository.findSubjects(projectId, [{ kind: 'key', subject: 'key1' }]);
    expect(known?.state.measures.requests?.baseline.today.peak).toBeLessThan(1);
    expect(told).toEqual([]);
  });

  it('knows a thousand keys at the most, those that are used', async () => {
    const process = startProcess('a');
    await process.round();
    await pass(1, [process], 0);
    for (let key = 0; key < 1_100; key += 1) process.ask(key < 100 ? 1 : 2, { keyId: `key${key}` });
    await pass(2, [process], 0);
    const rows = await database.query({
      sql: 'select count(*) as keys, sum(length(state)) as bytes, min(subject) as first from known_subjects where kind = ?',
      parameters: ['key'],
    });
    expect(rows[0]?.keys).toBe(1_000);
    const left = await createAnomalyRepository(database).findSubjects(projectId, [
      { kind: 'key', subject: 'key99' },
      { kind: 'key', subject: 'key100' },
    ]);
    expect(left.map(({ subject }) => subject)).toEqual(['key100']);
  });
});

describe('drift from requests to the store', () => {
  it('makes a reference of two weeks, and tells once of answers that became longer', async () => {
    const process = startProcess('a');
    const day = async (outputTokens: number): Promise<void> => {
      process.ask(150, { outputTokens });
      process.ask(150, { outputTokens: outputTokens * 3 });
      await process.round();
      await clock.advance(dayMs);
      await process.round();
    };
    for (let days = 0; days < 20; days += 1) await day(40);
    expect(drifted).toEqual([]);
    const watching = await createDriftRepository(database).list(projectId);
    expect(watching.map(({ feature, state }) => [feature, state.phase])).toEqual([
      ['input-tokens', 'watching'],
      ['output-tokens', 'watching'],
    ]);
    let days = 0;
    while (drifted.length === 0 && days < 30) {
      await day(400);
      days += 1;
    }
    // A day is judged when it is over.
    expect(days).toBeLessThanOrEqual(6);
    await day(400);
    expect(drifted.map(({ feature }) => feature)).toEqual(['output-tokens']);
  });
});
