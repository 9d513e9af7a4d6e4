import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { startFakeServer } from '../test/fake-server.ts';

const program = fileURLToPath(new URL('../bin/scarmonit.mjs', import.meta.url));

function start(words: readonly string[], url = '') {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, SCARMONIT_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  return { child, ended };
}

describe('the program', () => {
  it('hands on output and exit code of the Node that it starts', async () => {
    expect(await start(['--version']).ended).toEqual([`${packageJson.version}\n`, '', 0]);
    const [stdout, stderr, exitCode] = await start(['modles']).ended;
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain("error: unknown command 'modles'");
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 at %s, and the server learns of it', async (signal) => {
    await using server = await startFakeServer({ 'POST /api/infer?task=chat': { events: [], hang: true } });
    const { child, ended } = start(['chat', '--message', 'Hi'], server.url);
    const asked = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (server.requests.length === 0) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    await asked;
    child.kill(signal);
    expect(await ended).toEqual(['', '', 130]);
    expect(server.aborted()).toBe(1);
  });
});
