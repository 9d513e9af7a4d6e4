import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../test/run-command.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-serve-'));
  await writeFile(join(folder, 'scarmonit.yaml'), 'apiVersion: scarmonit/v1\nmodels: {}\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('scarmonit serve', () => {
  it('tells its address and the first key in JSON, serves the other commands, and ends with 0 at Ctrl-C', async () => {
    const words = [
      'serve',
      '--json',
      '--port',
      '0',
      '--data-dir',
      join(folder, 'data'),
      '--config',
      join(folder, 'scarmonit.yaml'),
    ];
    const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = new Promise((resolve) => child.on('close', resolve));
    const failures = text(child.stderr);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = (await lines.next()).value ?? (await failures);
    const { url, models, key } = JSON.parse(line) as { url: string; models: string[]; key: { secret: string } };
    expect(models).toEqual([]);

    const env = { SCARMONIT_URL: url, SCARMONIT_API_KEY: key.secret };
    const created = await runCommand(['keys', 'create', '--name', 'app', '--json'], { env });
    expect(created.exitCode).toBe(0);
    const { secret } = JSON.parse(created.stdout) as { secret: string };
    const lesser = await runCommand(['keys', 'list'], { env: { ...env, SCARMONIT_API_KEY: secret } });
    expect(lesser.exitCode).toBe(4);
    const applied = await runCommand(['apply', '-'], { env, stdin: 'modles: {}\n' });
    expect(applied).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('Line 1: modles is not a known key'),
    });
    const unchanged = await runCommand(['apply', join(folder, 'scarmonit.yaml')], { env });
    expect(unchanged).toEqual({ exitCode: 0, stdout: 'Nothing to change (0 unchanged).\n', stderr: '' });

    child.kill('SIGINT');
    expect(await exited).toBe(0);
    expect((await lines.next()).done).toBe(true);
  });

  it('fails with one sentence when the manifest is wrong', async () => {
    await writeFile(join(folder, 'scarmonit.yaml'), 'apiVersion: scarmonit/v2\nmodels: {}\n');
    const env = {
      SCARMONIT_CONFIG: join(folder, 'scarmonit.yaml'),
      SCARMONIT_DATA_DIR: join(folder, 'data'),
      PORT: '0',
    };
    expect(await runCommand(['serve'], { env })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `scarmonit: ${join(folder, 'scarmonit.yaml')} cannot be used. Line 1: apiVersion must be scarmonit/v1.\n`,
    });
  });
});
