import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import { migrate } from '@scarmonit/store/migrate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { checkArtifacts } from './check-artifacts.ts';
import { checkDisk } from './check-disk.ts';
import { checkManifest } from './check-manifest.ts';
import { checkMemory } from './check-memory.ts';
import { checkNode } from './check-node.ts';
import { checkPort } from './check-port.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkStore } from './check-store.ts';
import type { CheckSurroundings } from './finding.ts';

const digest = 'a'.repeat(64);
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'scarmonit-doctor-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

function around(changes: Partial<CheckSurroundings> & { env?: Record<string, string> } = {}): CheckSurroundings {
  const { env, ...rest } = changes;
  return {
    config: readConfig({ SCARMONIT_DATA_DIR: dataDir, PORT: '0', ...env }),
    artifacts: {
      pull: () => Promise.reject(new Error('the doctor fetches nothing')),
      find: async () => undefined,
      verify: async () => '',
    },
    holder: undefined,
    manifest: declaring({}),
    manifestError: undefined,
    ...rest,
  };
}

function declaring({ bytes = 1000, memoryMb = 1 }: { bytes?: number; memoryMb?: number }) {
  const part = { sources: ['file:a.gguf'], sha256: digest, bytes };
  const version = { runtime: 'llama-cpp', artifact: { sha256: digest, from: [part] } };
  const tiny = { task: 'chat', requirements: { memoryMb }, stable: '1.0.0', versions: { '1.0.0': version } };
  return parseManifest({ value: { apiVersion: 'scarmonit/v1', models: { tiny } }, lineOf: () => undefined });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the doctor finds', () => {
  it('nothing wrong with this machine and an empty data directory', async () => {
    const findings = await Promise.all(
      [checkNode, checkManifest, checkDisk, checkMemory, checkPort, checkStore].map((check) => check(around())),
    );
    expect(findings.flat().map(({ status }) => status)).toEqual(Array(6).fill('ok'));
  });

  it('a manifest that cannot be read, and one without models', async () => {
    const [broken] = await checkManifest(
      around({ manifest: undefined, manifestError: 'Line 3: x is not a known key.' }),
    );
    expect(broken).toMatchObject({
      status: 'fail',
      message: 'Line 3: x is not a known key.',
      fix: expect.stringContaining('SCARMONIT_CONFIG'),
    });
    expect((await checkManifest(around({ manifest: { models: [] } })))[0]?.status).toBe('warn');
  });

  it('a disk that is too small for what is missing, in a directory that does not exist yet', async () => {
    const env = { SCARMONIT_DATA_DIR: join(dataDir, 'not', 'yet') };
    const [finding] = await checkDisk(around({ manifest: declaring({ bytes: 1e15 }), env }));
    expect(finding).toMatchObject({ status: 'fail', fix: expect.stringContaining('SCARMONIT_DATA_DIR') });
  });

  it('no need for disk when everything is here', async () => {
    const artifacts = { ...around().artifacts, find: async () => '/here' };
    expect((await checkDisk(around({ manifest: declaring({ bytes: 1e15 }), artifacts })))[0]?.status).toBe('ok');
  });

  it('secrets that are not set, and where those that are may go', async () => {
    const apiKey = `\${GPU_API_KEY}`;
    const version = { runtime: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1', model: 'm', apiKey };
    const models = { chat: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': version } } };
    const manifest = parseManifest({ value: { apiVersion: 'scarmonit/v1', models }, lineOf: () => undefined });
    expect(await checkSecrets(around())).toEqual([{ status: 'ok', message: 'No secrets of upstreams are needed.' }]);
    const SCARMONIT_SECRET_ORIGINS = 'GPU_API_KEY=https://gpu.example.com EDGE_API_KEY=https://edge.example.com';
    expect(await checkSecrets(around({ manifest, env: { SCARMONIT_SECRET_ORIGINS } }))).toMatchObject([
      { status: 'warn', fix: 'Set GPU_API_KEY where the server starts.' },
      { status: 'warn', message: 'SCARMONIT_SECRET_ORIGINS names EDGE_API_KEY, which is not set.' },
    ]);
    const env = { SCARMONIT_SECRET_ORIGINS, GPU_API_KEY: 'hunter2', EDGE_API_KEY: 'hunter2' };
    const [finding] = await checkSecrets(around({ manifest, env }));
    expect(finding).toEqual({
      status: 'ok',
      message:
        'All secrets are set. They may go: GPU_API_KEY to http://127.0.0.1:8000, https://gpu.example.com; EDGE_API_KEY to https://edge.example.com.',
    });
  });

  it('models that want more memory than the machine has', async () => {
    const [finding] = await checkMemory(around({ manifest: declaring({ memoryMb: 1e9 }) }));
    expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining('1000000000 MiB') });
  });

  it('a port that another program has', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    const port = await listening(server);
    const [finding] = await checkPort(around({ env: { PORT: String(port) } }));
    server.close();
    expect(finding).toEqual({
      status: 'fail',
      message: `127.0.0.1:${port} is taken by another program.`,
      fix: 'Stop the program that uses it, or choose another port: PORT=8788 npm start',
    });
  });

  it('a port that Scarmonit serves', async () => {
    const server = createServer((_request, response) => response.end('{"status":"ok"}'));
    const port = await listening(server);
    const [finding] = await checkPort(around({ env: { PORT: String(port) } }));
    server.close();
    expect(finding).toEqual({ status: 'ok', message: `Scarmonit serves on 127.0.0.1:${port}.` });
  });

  it('a data directory that another process holds while nobody serves', async () => {
    const holder = { processId: 4711, host: 'here', since: '2026-01-01T00:00:00.000Z' };
    expect((await checkPort(around({ holder })))[0]).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('kill 4711'),
    });
  });

  it('an address that is not of this machine', async () => {
    expect((await checkPort(around({ env: { HOST: '203.0.113.1' } })))[0]).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('HOST'),
    });
  });

  it('a store that is current, newer than this build, damaged, and none at all', async () => {
    const path = join(dataDir, 'scarmonit.db');
    const database = openSqlite(path);
    await migrate(database, { now: () => 0 });
    await database.close();
    expect((await checkStore(around()))[0]?.message).toMatch(/is sound; it has schema \d+, which is current/);

    const raw = new DatabaseSync(path);
    raw.exec("insert into schema_migrations values (999, 'from-the-future', 0)");
    raw.close();
    expect((await checkStore(around()))[0]).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('schema 999'),
    });
  });

  it('a file that is no store', async () => {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(dataDir, 'scarmonit.db'), 'this is no database, whatever its name says'.repeat(100));
    await expect(checkStore(around())).rejects.toThrow(/scarmonit\.db/);
  });

  it('models that are not fetched, sound, and damaged', async () => {
    expect((await checkArtifacts(around()))[0]).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('scarmonit models pull tiny@1.0.0'),
    });
    const here = { ...around().artifacts, find: async () => '/data/x' };
    expect((await checkArtifacts(around({ artifacts: here })))[0]?.status).toBe('ok');
    const damaged = { ...here, verify: () => Promise.reject(new Error('expected aaaa, found bbbb')) };
    expect((await checkArtifacts(around({ artifacts: damaged })))[0]).toMatchObject({
      status: 'fail',
      message: 'tiny@1.0.0: expected aaaa, found bbbb',
      fix: "Fetch it anew: rm '/data/x' && scarmonit models pull tiny@1.0.0",
    });
  });
});
