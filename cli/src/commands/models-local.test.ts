import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const bytes = Buffer.from('GGUF, or so they say');
const digest = createHash('sha256').update(bytes).digest('hex');
const commit = 'c'.repeat(40);
const source = 'hf:owner/repo/Tiny_Model-Q4.gguf';

let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-cli-'));
  await writeFile(join(folder, 'model.gguf'), bytes);
  env = { SCARMONIT_CONFIG: join(folder, 'scarmonit.yaml'), SCARMONIT_DATA_DIR: join(folder, 'data') };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function declare(sha256 = digest): Promise<void> {
  return writeFile(
    env.SCARMONIT_CONFIG ?? '',
    `# mine
apiVersion: scarmonit/v1
models:
  tiny:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0:
        runtime: llama-cpp
        artifact: { sha256: "${sha256}", from: [{ sources: ["file:model.gguf"], sha256: "${sha256}", bytes: ${bytes.length} }] }
`,
  );
}

function startHub() {
  const headers = { 'x-repo-commit': commit, 'x-linked-etag': `"${digest}"`, 'x-linked-size': String(bytes.length) };
  return startFakeServer({ 'HEAD /owner/repo/resolve/main/Tiny_Model-Q4.gguf': { headers } });
}

describe('scarmonit models pull', () => {
  it('fetches what is declared, once', async () => {
    await declare();
    const first = await runCommand(['models', 'pull'], { env });
    expect(first).toMatchObject({ exitCode: 0, stdout: `tiny@1.0.0  fetched  sha256 ${digest.slice(0, 12)}…\n` });
    expect(first.stderr).toContain('tiny@1.0.0: ');
    const again = await runCommand(['models', 'pull', 'tiny@1.0.0', '--json'], { env });
    const { data } = JSON.parse(again.stdout) as { data: { path: string; wasHere: boolean }[] };
    expect(data).toEqual([expect.objectContaining({ wasHere: true, sha256: digest })]);
    expect(await readFile(data[0]?.path ?? '')).toEqual(bytes);
  });

  it('refuses bytes of another digest and names both', async () => {
    const wrong = 'b'.repeat(64);
    await declare(wrong);
    const run = await runCommand(['models', 'pull', '--json'], { env });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(digest);
    expect(run.stderr).toContain(wrong);
    expect(JSON.parse(run.stdout)).toHaveProperty('error.message');
  });

  it('lists what there is when the name is none of it', async () => {
    await declare();
    const run = await runCommand(['models', 'pull', 'tinny'], { env });
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: 'scarmonit: The manifest declares no tinny. It declares tiny@1.0.0.\n',
    });
  });
});

describe('scarmonit models add', () => {
  it('writes a version that is pinned by commit, size and digest, and keeps what is there', async () => {
    await declare();
    const before = await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8');
    await using hub = await startHub();
    const run = await runCommand(['models', 'add', source, '--name', 'better'], {
      env: { ...env, HF_ENDPOINT: hub.url },
    });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain('+   better:\n+     task: chat\n+     stable: 1.0.0\n');
    expect(run.stdout).toContain("Next: 'scarmonit apply'");
    const after = await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(after).toContain(`hf:owner/repo/Tiny_Model-Q4.gguf@${commit}`);
    expect(after).toContain(`sha256: "${digest}"`);
    expect(after).toContain(`bytes: ${bytes.length}`);
    expect(await readdir(folder)).toEqual(['model.gguf', 'scarmonit.yaml']);
  });

  it('starts a manifest where there is none, and makes the name from the file', async () => {
    await using hub = await startHub();
    const run = await runCommand(['models', 'add', source, '--json'], { env: { ...env, HF_ENDPOINT: hub.url } });
    expect(JSON.parse(run.stdout)).toMatchObject({
      model: 'tiny_model-q4',
      version: '1.0.0',
      sha256: digest,
      bytes: bytes.length,
    });
  });

  it('never overwrites a version', async () => {
    await declare();
    const before = await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8');
    await using hub = await startHub();
    const run = await runCommand(['models', 'add', source, '--name', 'tiny'], {
      env: { ...env, HF_ENDPOINT: hub.url },
    });
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('choose another with --version') });
    expect(await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8')).toBe(before);
  });

  it.each([
    ['a name that cannot be asked for', [source, '--name', 'Not A Name'], 'models["Not A Name"]'],
    ['a version that is none', [source, '--version', '1.0'], 'semantic version'],
    ['a file that is not GGUF', ['hf:owner/repo/model.safetensors'], 'hf:OWNER/REPO/FILE.gguf'],
    ['what the hub does not have', ['hf:owner/repo/other.gguf'], 'hf:owner/repo/other.gguf'],
  ])('refuses %s and changes nothing', async (_what, words, message) => {
    await declare();
    const before = await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8');
    await using hub = await startHub();
    const run = await runCommand(['models', 'add', ...words], { env: { ...env, HF_ENDPOINT: hub.url } });
    expect(run).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
    expect(await readFile(env.SCARMONIT_CONFIG ?? '', 'utf8')).toBe(before);
  });
});
