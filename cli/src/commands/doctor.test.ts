import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-doctor-'));
  env = { SCARMONIT_CONFIG: join(folder, 'scarmonit.yaml'), SCARMONIT_DATA_DIR: join(folder, 'data'), PORT: '0' };
  await writeFile(join(folder, 'scarmonit.yaml'), 'apiVersion: scarmonit/v1\nmodels: {}\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ready = {
  'GET /readyz': { json: { status: 'ready', reasons: [] } },
  'GET /healthz': { json: { status: 'ok' } },
  'GET /v1/models': { json: { object: 'list', data: [] } },
};

async function findingsOf(more: Record<string, string>) {
  const run = await runCommand(['doctor', '--json'], { env: { ...env, ...more } });
  const { findings } = JSON.parse(run.stdout) as { findings: { check: string; status: string; message: string }[] };
  return { ...run, statusOf: (check: string) => findings.find((finding) => finding.check === check)?.status };
}

describe('scarmonit doctor', () => {
  it('finds a server that is ready and takes the key', async () => {
    await using server = await startFakeServer(ready);
    const found = await findingsOf({ SCARMONIT_URL: server.url, SCARMONIT_API_KEY: 'sk-x', PORT: String(server.port) });
    expect(found).toMatchObject({ exitCode: 0, stderr: '' });
    expect(['server', 'key', 'port'].map(found.statusOf)).toEqual(['ok', 'ok', 'ok']);
  });

  it('shows each finding as a line with its fix, and no colours when piped', async () => {
    const server = await startFakeServer({});
    await server[Symbol.asyncDispose]();
    const run = await runCommand(['doctor'], { env: { ...env, SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toMatch(/^ok {4}node {6}Node \d/);
    expect(run.stdout).toMatch(/\nwarn {2}server {4}No server answers at .*\n {16}fix: Start it with 'npm start'/);
    expect(run.stdout).not.toContain('\u001b');
  });

  it('fails when the key is not accepted, and when what answers is no Scarmonit', async () => {
    await using server = await startFakeServer({
      ...ready,
      'GET /v1/models': refusal(401, 'invalid_api_key', 'Revoked.'),
    });
    const found = await findingsOf({ SCARMONIT_URL: server.url, SCARMONIT_API_KEY: 'sk-x' });
    expect([found.exitCode, found.statusOf('key')]).toEqual([1, 'fail']);
    await using other = await startFakeServer({ 'GET /readyz': { json: 'hello' } });
    const strange = await findingsOf({ SCARMONIT_URL: other.url });
    expect([strange.exitCode, strange.statusOf('server')]).toEqual([1, 'fail']);
  });

  it('fails on a manifest with a fault, a taken port and a data directory that is a file', async () => {
    await writeFile(join(folder, 'scarmonit.yaml'), 'apiVersion: scarmonit/v1\nmodles: {}\n');
    await writeFile(join(folder, 'data'), '');
    await using other = await startFakeServer({});
    const found = await findingsOf({ PORT: String(other.port), SCARMONIT_URL: other.url });
    expect(found.exitCode).toBe(1);
    expect(['manifest', 'port'].map(found.statusOf)).toEqual(['fail', 'fail']);
    expect(found.stdout).toContain('Line 2: modles is not a known key; did you mean models?');
  });
});
