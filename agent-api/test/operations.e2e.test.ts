import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { admin, type CreatedKey } from './ask-admin.ts';
import { ask, loopClients } from './loop-clients.ts';
import { type Pace, type PacedUpstream, startPacedUpstream } from './paced-upstream.ts';
import { type HostProcess, killHostProcesses, startHostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const patience = { timeout: 30_000, interval: 10 };

let folder: string;
let upstream: PacedUpstream;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-operations-'));
});
afterEach(async () => {
  await killHostProcesses();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An upstream and a manifest whose versions lead to it. */
async function prepare(pace: Pace): Promise<void> {
  upstream = await startPacedUpstream(pace);
  writeManifest('1.0.0', ['1.0.0']);
}

const manifestPath = (): string => join(folder, 'scarmonit.yaml');
const databasePath = (): string => join(folder, 'data', 'scarmonit.db');

function writeManifest(stable: string, versions: readonly string[]): void {
  const lines = versions.map(
    (version) =>
      `      ${version}: { runtime: openai-compatible, baseUrl: "${upstream.baseUrl}", model: "model-${version}" }`,
  );
  replaceFile(
    `apiVersion: scarmonit/v1\nmodels:\n  mock-chat:\n    task: chat\n    stable: ${stable}\n    versions:\n${lines.join('\n')}\n`,
  );
}

/** As editors and deployment tools do it: a reader sees the old text or the new one. */
function replaceFile(text: string): void {
  writeFileSync(`${manifestPath()}.new`, text);
  renameSync(`${manifestPath()}.new`, manifestPath());
}

const startHost = (): Promise<HostProcess> =>
  startHostProcess({ dataDir: join(folder, 'data'), manifestPath: manifestPath(), adminKey: testKey });

/** The ids of the requests in the database file, with their outcome. */
function readRecords(): Map<string, string> {
  const database = new DatabaseSync(databasePath(), { readOnly: true });
  const rows = database.prepare('SELECT request_id AS id, outcome FROM predictions').all();
  database.close();
  return new Map(rows.map(({ id, outcome }) => [String(id), String(outcome)]));
}

/** A request of which only the last line end is missing; it has arrived when this resolves. */
async function beginReadinessProbe({ url }: HostProcess): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  const host = 'Host: 127.0.0.1\r\n';
  socket.write(`GET /healthz HTTP/1.1\r\n${host}\r\nGET /readyz HTTP/1.1\r\n${host}`);
  await once(socket, 'data');
  return socket;
}

async function connectAgain({ url }: HostProcess): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
  });
}

it('finishes on SIGTERM whatever it had accepted, takes nothing new, keeps the records, and exits with 0', async () => {
  await prepare({ jsonMs: 15, chunks: 30, chunkMs: 20 });
  const host = await startHost();
  const clients = loopClients(32, { url: host.url, key: testKey });
  await expect
    .poll(() => clients.endings.filter(({ text }) => text.includes('[DONE]')).length, patience)
    .toBeGreaterThan(16);
  await expect.poll(() => upstream.open, patience).toBeGreaterThan(16);
  const probe = await beginReadinessProbe(host);

  host.signal('SIGTERM');
  await expect.poll(host.output, patience).toContain('Stopping');
  probe.write('\r\n');
  const [readiness] = await once(probe, 'data');
  expect(readiness).toMatch(/^HTTP\/1.1 503 /);
  expect(readiness).toContain('draining');
  await expect.poll(() => connectAgain(host), patience).toBe('ECONNREFUSED');

  expect(await host.ended).toBe(0);
  await clients.stop();
  const whole = clients.endings.filter(({ how }) => how === 'whole');
  expect(clients.endings.filter(({ how }) => how === 'broken')).toEqual([]);
  // A connection may be closed as idle while a request is on its way to it; such a request was not accepted.
  const finished = new Set(whole.map(({ user }) => user));
  expect([...upstream.users].filter((user) => !finished.has(user))).toEqual([]);
  expect(finished.size).toBe(upstream.users.size);
  const records = readRecords();
  expect(whole.filter(({ requestId }) => records.get(String(requestId)) !== 'ok')).toEqual([]);
  expect(records.size).toBe(whole.length);
});

it('loses nothing but the last second of request records to kill -9, round after round', async () => {
  await prepare({ jsonMs: 5, chunks: 5, chunkMs: 5 });
  /** Secrets by the answer that they must get from now on: those of all rounds, and those of the latest. */
  const keys = { all: new Map<string, number>(), latest: new Map<string, number>() };
  const finished: { readonly requestId: string; readonly round: number; readonly endedAt: number }[] = [];
  const killedAt: number[] = [];

  const makeKeys = async (host: HostProcess): Promise<void> => {
    for (let made = 1; ; made += 1) {
      const body = JSON.stringify({ name: 'made under fire', scopes: ['infer'] });
      const { key, secret } = await admin<CreatedKey>(host, '/keys', { method: 'POST', body });
      keys.latest.set(secret, 200);
      if (made % 3 !== 0) continue;
      // Until it is acknowledged the key may be either.
      keys.latest.delete(secret);
      await admin(host, `/keys/${key.id}`, { method: 'DELETE' });
      keys.latest.set(secret, 401);
    }
  };
  const statusWith = async ({ url }: HostProcess, secret: string): Promise<number> => {
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
    await response.body?.cancel();
    return response.status;
  };
  const findWrong = async (host: HostProcess, expected: ReadonlyMap<string, number>): Promise<string[]> => {
    const wrong: string[] = [];
    const left = [...expected];
    const check = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [secret, status] = next;
        const found = await statusWith(host, secret);
        if (found !== status) wrong.push(`${secret} gets ${found}, not ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, check));
    return wrong;
  };

  let host = await startHost();
  for (const [round, livesMs] of [2_300, 250, 1_900, 700, 2_100].entries()) {
    const clients = loopClients(6, { url: host.url, key: testKey });
    const makingKeys = makeKeys(host).catch((error: unknown) => error);
    // When it is killed is what is tested; nothing waits for this time to be enough.
    await sleep(livesMs + Math.random() * 300);
    host.signal('SIGKILL');
    killedAt.push(performance.now());
    expect(await host.ended).toBe('SIGKILL');
    // As fetch says that the connection broke.
    expect(await makingKeys).toBeInstanceOf(TypeError);
    await clients.stop();
    for (const { how, requestId = '', endedAt } of clients.endings) {
      if (how === 'whole') finished.push({ requestId, round, endedAt });
    }

    host = await startHost();
    expect((await fetch(`${host.url}/readyz`)).status).toBe(200);
    expect(await findWrong(host, keys.latest)).toEqual([]);
    for (const [secret, status] of keys.latest) keys.all.set(secret, status);
    keys.latest.clear();
    const records = readRecords();
    const old = finished.filter((request) => request.endedAt <= (killedAt[request.round] ?? Number.NaN) - 1_500);
    expect(old.filter(({ requestId }) => !records.has(requestId))).toEqual([]);
    if (round === 0) expect(old.length).toBeGreaterThan(0);
  }
  expect(await findWrong(host, keys.all)).toEqual([]);
  expect(new Set(keys.all.values())).toEqual(new Set([200, 401]));
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
  const database = openSqlite(databasePath());
  expect(await database.findDamage()).toEqual([]);
  await database.close();
});

it('applies the manifest on change and on SIGHUP without failing a request, and bad ones not at all', async () => {
  await prepare({ jsonMs: 5, chunks: 10, chunkMs: 10 });
  const host = await startHost();
  const clients = loopClients(16, { url: host.url, key: testKey });
  const phases: { readonly stable: string; readonly from: number; readonly to: number }[] = [];
  const countOf = (message: string): number => host.output().split(`"${message}"`).length - 1;
  const applied = (): number => countOf('the manifest was applied');
  const refused = (): number => countOf('the manifest was not applied; nothing has changed');
  let checks = 0;
  const askOnce = (pin?: string) => {
    checks += 1;
    const headers = pin === undefined ? {} : { 'x-model-version': pin };
    return ask({ url: host.url, key: testKey, user: `check-${checks}`, stream: false, headers });
  };
  const expectStable = async (stable: string): Promise<void> => {
    await expect.poll(async () => (await askOnce()).version, patience).toBe(stable);
  };
  /** From here until `work` ends every request must be answered by `stable`. */
  const during = async (stable: string, work: () => Promise<void>): Promise<void> => {
    const from = performance.now();
    const before = clients.endings.length;
    await work();
    await expect.poll(() => clients.endings.length, patience).toBeGreaterThan(before + 32);
    phases.push({ stable, from, to: performance.now() });
  };
  const nothing = async (): Promise<void> => undefined;

  await during('1.0.0', nothing);
  for (let round = 0; round < 3; round += 1) {
    writeManifest('2.0.0', ['1.0.0', '2.0.0']);
    await expectStable('2.0.0');
    await during('2.0.0', async () => {
      const refusedBefore = refused();
      replaceFile('models: [this is no manifest');
      await expect.poll(refused, patience).toBe(refusedBefore + 1);
      host.signal('SIGHUP');
      await expect.poll(refused, patience).toBe(refusedBefore + 2);
      expect((await askOnce('1.0.0')).version).toBe('1.0.0');
    });
    await during('2.0.0', async () => {
      const appliedBefore = applied();
      writeManifest('2.0.0', ['2.0.0']);
      await expect.poll(applied, patience).toBe(appliedBefore + 1);
      expect((await askOnce('1.0.0')).detail).toMatch(/^404 /);
      host.signal('SIGHUP');
      await expect.poll(applied, patience).toBe(appliedBefore + 2);
    });
    // The version that all are asking is taken away under them.
    writeManifest('1.0.0', ['1.0.0']);
    host.signal('SIGHUP');
    await expectStable('1.0.0');
    await during('1.0.0', nothing);
  }

  await clients.stop();
  expect(clients.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
  expect(clients.endings.filter(({ version, text }) => !text.includes(`"content":"model-${version}"`))).toEqual([]);
  for (const { stable, from, to } of phases) {
    const within = clients.endings.filter(({ startedAt, endedAt }) => startedAt >= from && endedAt <= to);
    expect(within.length).toBeGreaterThan(0);
    expect(within.filter(({ version }) => version !== stable)).toEqual([]);
  }
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
});
