import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { tinyModelAnswer, writeTinyGguf } from '@scarmonit/adapters/test/fixtures/write-tiny-gguf';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { admin, type CreatedKey } from './ask-admin.ts';
import { loopClients } from './loop-clients.ts';
import { type PacedUpstream, startPacedUpstream } from './paced-upstream.ts';
import { type HostProcess, killHostProcesses, startHostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const patience = { timeout: 30_000, interval: 20 };
const processes = 4;

let folder: string;
let upstream: PacedUpstream;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-processes-'));
  upstream = await startPacedUpstream({ jsonMs: 10, chunks: 20, chunkMs: 15 });
});
afterEach(async () => {
  await killHostProcesses();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const manifestPath = (): string => join(folder, 'scarmonit.yaml');

function writeManifest(models: string): void {
  writeFileSync(`${manifestPath()}.new`, `apiVersion: scarmonit/v1\nmodels:\n${models}`);
  renameSync(`${manifestPath()}.new`, manifestPath());
}

/** A model whose versions lead to the upstream. */
function mockChat(stable: string, versions: readonly string[]): string {
  const lines = versions.map(
    (version) =>
      `      ${version}: { runtime: openai-compatible, baseUrl: "${upstream.baseUrl}", model: "model-${version}" }\n`,
  );
  return `  mock-chat:\n    task: chat\n    stable: ${stable}\n    versions:\n${lines.join('')}`;
}

const startHost = (): Promise<HostProcess> =>
  startHostProcess({
    dataDir: join(folder, 'data'),
    manifestPath: manifestPath(),
    adminKey: testKey,
    env: { SCARMONIT_PROCESSES: String(processes) },
  });

/** The HTTP processes that became ready, in that order, by their ids. */
const readyProcesses = (host: HostProcess): number[] =>
  [...host.output().matchAll(/"processId":(\d+),"msg":"an HTTP process is ready"/g)].map(([, id]) => Number(id));

const createKey = (host: HostProcess, limits: object): Promise<CreatedKey> =>
  admin(host, '/keys', { method: 'POST', body: JSON.stringify({ name: 'a client', scopes: ['infer'], ...limits }) });

interface Answered {
  readonly status: number;
  readonly version: string | undefined;
  readonly requestId: string;
  readonly body: string;
}

/** Over a connection of its own: the processes take new connections in turn, so that as many requests reach every one. */
function askOnce(host: HostProcess, secret: string, model = 'mock-chat'): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${host.url}/v1/chat/completions`,
      {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      },
      async (response) => {
        const { statusCode: status = 0, headers } = response;
        const version = headers['x-model-version'];
        resolve({
          status,
          version: Array.isArray(version) ? version[0] : version,
          requestId: String(headers['x-request-id']),
          body: await text(response),
        });
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ model, user: 'once', messages: [{ role: 'user', content: 'Hello' }] }));
  });
}

const askEach = (host: HostProcess, secret: string, model?: string): Promise<Answered[]> =>
  Promise.all(Array.from({ length: processes * 2 }, () => askOnce(host, secret, model)));

const statuses = (answers: readonly Answered[]): number[] => [...new Set(answers.map(({ status }) => status))].sort();

/** The ids of the requests in the database file. */
function readRecords(): Set<string> {
  const database = new DatabaseSync(join(folder, 'data', 'scarmonit.db'), { readOnly: true });
  const rows = database.prepare('SELECT request_id AS id FROM predictions').all();
  database.close();
  return new Set(rows.map(({ id }) => String(id)));
}

it('keeps limits, keys and records as one process does', async () => {
  writeManifest(mockChat('1.0.0', ['1.0.0']));
  const host = await startHost();
  expect(readyProcesses(host)).toHaveLength(processes);

  const limited = await createKey(host, { requestsPerMinute: 50 });
  let left = 200;
  const asked: Answered[] = [];
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      asked.push(await askOnce(host, limited.secret));
    }
  };
  await Promise.all(Array.from({ length: 64 }, client));
  expect(statuses(asked)).toEqual([200, 429]);
  const passed = asked.filter(({ status }) => status === 200);
  expect(passed).toHaveLength(50);

  const revoked = await createKey(host, {});
  const before = await askEach(host, revoked.secret);
  expect(statuses(before)).toEqual([200]);
  await admin(host, `/keys/${revoked.key.id}`, { method: 'DELETE' });
  expect(statuses(await askEach(host, revoked.secret))).toEqual([401]);

  const answered = [...passed, ...before].map(({ requestId }) => requestId);
  const summary = async (): Promise<number> => {
    const { data } = await admin<{ readonly data: readonly { readonly requests: number }[] }>(host, '/summary');
    return data.reduce((sum, { requests }) => sum + requests, 0);
  };
  await expect.poll(summary, patience).toBe(answered.length);
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
  expect(readRecords()).toEqual(new Set(answered));
});

it('goes on when a process is killed, starts it again, and loses its last second of records at the most', async () => {
  writeManifest(mockChat('1.0.0', ['1.0.0']));
  const host = await startHost();
  const { secret } = await createKey(host, { tokensPerMinute: 1_000_000_000 });
  const clients = loopClients(16, { url: host.url, key: secret });
  await expect.poll(() => clients.endings.length, patience).toBeGreaterThan(200);
  const [victim = 0] = readyProcesses(host);

  const killedAt = performance.now();
  process.kill(victim, 'SIGKILL');
  const meanwhile = await askEach(host, secret);
  expect(statuses(meanwhile)).toEqual([200]);
  await expect.poll(() => readyProcesses(host).length, patience).toBe(processes + 1);
  const after = clients.endings.length;
  await expect.poll(() => clients.endings.length, patience).toBeGreaterThan(after + 64);
  await clients.stop();

  // What was under way in the killed process, and nothing else.
  const failed = clients.endings.filter(({ how }) => how !== 'whole');
  expect(failed.filter(({ startedAt, endedAt }) => startedAt > killedAt + 500 || endedAt < killedAt)).toEqual([]);
  expect(failed.length).toBeLessThan(16);
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
  const records = readRecords();
  const old = clients.endings.filter(({ how, endedAt }) => how === 'whole' && endedAt < killedAt - 1_500);
  const lost = clients.endings.filter(({ how, requestId }) => how === 'whole' && !records.has(String(requestId)));
  expect(old.filter(({ requestId }) => !records.has(String(requestId)))).toEqual([]);
  expect(lost.filter(({ startedAt }) => startedAt > killedAt)).toEqual([]);
});

it('finishes on SIGTERM whatever any process had accepted, and keeps the records of all', async () => {
  writeManifest(mockChat('1.0.0', ['1.0.0']));
  const host = await startHost();
  const { secret } = await createKey(host, { requestsPerMinute: 1_000_000 });
  const clients = loopClients(32, { url: host.url, key: secret });
  await expect
    .poll(() => clients.endings.filter(({ text: body }) => body.includes('[DONE]')).length, patience)
    .toBeGreaterThan(16);
  await expect.poll(() => upstream.open, patience).toBeGreaterThan(16);

  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
  await clients.stop();
  const whole = clients.endings.filter(({ how }) => how === 'whole');
  expect(clients.endings.filter(({ how }) => how === 'broken')).toEqual([]);
  const finished = new Set(whole.map(({ user }) => user));
  expect([...upstream.users].filter((user) => !finished.has(user))).toEqual([]);
  expect(finished.size).toBe(upstream.users.size);
  const records = readRecords();
  expect(whole.filter(({ requestId }) => !records.has(String(requestId)))).toEqual([]);
  expect(records.size).toBe(whole.length);
});

it('applies a changed manifest in every process before it says so, without failing a request', async () => {
  writeManifest(mockChat('1.0.0', ['1.0.0']));
  const host = await startHost();
  const clients = loopClients(16, { url: host.url, key: testKey });
  expect((await askEach(host, testKey)).map(({ version }) => version)).not.toContain('2.0.0');
  for (const [stable, versions] of [
    ['2.0.0', ['1.0.0', '2.0.0']],
    ['2.0.0', ['2.0.0']],
    ['1.0.0', ['1.0.0']],
  ] as const) {
    const manifest = `apiVersion: scarmonit/v1\nmodels:\n${mockChat(stable, versions)}`;
    await admin(host, '/manifest', { method: 'PUT', body: manifest });
    const answers = await askEach(host, testKey);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([stable]));
  }
  writeManifest(mockChat('3.0.0', ['1.0.0', '3.0.0']));
  host.signal('SIGHUP');
  await expect.poll(host.output, patience).toContain('the manifest was applied');
  expect(new Set((await askEach(host, testKey)).map(({ version }) => version))).toEqual(new Set(['3.0.0']));
  await clients.stop();
  expect(clients.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
});

interface ModelView {
  readonly versions: readonly { readonly stats: { readonly running: number; readonly processId: number } | null }[];
}

it('loads a local engine once, answers from it through every process, and stops it when the client leaves', async () => {
  const models = await Promise.all(
    ['tiny', 'endless'].map(async (name) => {
      const path = join(folder, `${name}.gguf`);
      await writeTinyGguf(path, { endless: name === 'endless' });
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      return (
        `  ${name}:\n    task: chat\n    stable: 1.0.0\n    versions:\n      1.0.0:\n        runtime: llama-cpp\n` +
        `        artifact: { sha256: "${sha256}", recipe: concat, from: [{ sources: ["file:${name}.gguf"], sha256: "${sha256}" }] }\n` +
        '        options: { contextTokens: 4096, sequences: 4 }\n'
      );
    }),
  );
  writeManifest(models.join(''));
  const host = await startHost();
  expect(host.output().match(/an engine process is ready/g)).toHaveLength(2);
  const answers = await askEach(host, testKey, 'tiny');
  expect(statuses(answers)).toEqual([200]);
  for (const { body } of answers) expect(JSON.parse(body).choices[0].message.content).toBe(tinyModelAnswer);

  const running = async (): Promise<number | undefined> =>
    (await admin<ModelView>(host, '/models/endless')).versions[0]?.stats?.running;
  const leaving = new AbortController();
  const response = await fetch(`${host.url}/v1/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'endless',
      stream: true,
      max_tokens: 4_000,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
  await response.body?.getReader().read();
  expect(await running()).toBe(1);
  leaving.abort();
  await expect.poll(running, patience).toBe(0);
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
});
