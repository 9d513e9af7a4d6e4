import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInAnswers } from '../workers-ai-emulator/answers/built-in-answers.ts';
import { type Emulator, startEmulator } from '../workers-ai-emulator/start-emulator.ts';

let emulator: Emulator;
let wrangler: ChildProcess;
let folder: string;
let url: string;

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

beforeAll(async () => {
  emulator = await startEmulator({ port: 0, answers: builtInAnswers });
  folder = await mkdtemp(join(tmpdir(), 'workers-ai-'));
  const compatibility = { compatibility_date: '2026-07-01' };
  const write = (name: string, config: object) =>
    writeFile(join(folder, name), JSON.stringify({ ...compatibility, ...config }));
  await write('asking.json', {
    name: 'asking',
    main: pathOf('asking-worker.ts'),
    services: [{ binding: 'AI', service: 'workers-ai-emulator', entrypoint: 'WorkersAi' }],
  });
  await write('emulator.json', {
    name: 'workers-ai-emulator',
    main: pathOf('../workers-ai-emulator/binding-worker.ts'),
    vars: { EMULATOR_URL: emulator.url },
  });
  [wrangler, url] = await startWrangler(['asking.json', 'emulator.json']);
});

afterAll(async () => {
  if (wrangler?.pid !== undefined) process.kill(-wrangler.pid, 'SIGKILL');
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => emulator.behave('slow:0'));

/** In a group of its own, since workerd is a grandchild. */
async function startWrangler(configs: readonly string[]): Promise<[ChildProcess, string]> {
  const bin = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js');
  const args = ['dev', ...configs.flatMap((name) => ['-c', name]), '--local', '--ip', '127.0.0.1', '--port', '0'];
  const child = spawn(
    process.execPath,
    [bin, ...args, '--inspector-port', '0', '--show-interactive-dev-session=false'],
    {
      cwd: folder,
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (piece: Buffer): void => {
      output += piece;
      const ready = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (ready !== undefined) resolve([child, ready]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`wrangler ended: ${output}`)));
  });
}

async function ask(query = ''): Promise<{ readonly seen: readonly unknown[]; readonly error?: unknown }> {
  const response = await fetch(`${url}/?${query}`);
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
}

describe('Workers AI by a binding, in workerd', () => {
  it('chats, embeds and classifies', async () => {
    const { seen } = await ask();
    expect(seen.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', usage: { inputTokens: 2, outputTokens: 4 } });
    expect((await ask('task=embedding')).seen[0]).toMatchObject({ inputTokens: 3 });
    expect((await ask('task=classification')).seen[0]).toMatchObject({ results: [[{ label: 'POSITIVE' }, {}]] });
    expect(emulator.requests.map(({ via }) => via)).toEqual(['binding', 'binding', 'binding']);
  });

  it.each([
    ['error:5018', { kind: 'forbidden', message: expect.stringContaining('(code 5018)') }],
    ['busy', { kind: 'rate_limited', message: expect.stringContaining('(code 3040)') }],
    ['truncate', { kind: 'engine_failure' }],
    ['break', { kind: 'engine_failure' }],
    ['malformed', { kind: 'bad_gateway' }],
    ['success-false', { kind: 'invalid_request' }],
  ])('has the platform’s failures as its own: %s', async (behaviour, error) => {
    emulator.behave(behaviour);
    expect(await ask()).toMatchObject({ error });
  });

  it('closes the request of a client that has left', async () => {
    emulator.behave('stall');
    expect(await ask('leave')).toMatchObject({ error: { kind: 'cancelled' } });
    await expect.poll(() => emulator.requests.at(-1)?.state).toBe('aborted');
  });
});
