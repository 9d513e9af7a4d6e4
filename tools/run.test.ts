import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './run-binary.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a program of these lines through `tools/run.mjs`. */
function start(lines: string, args: readonly string[] = []) {
  const script = join(folder, 'program.ts');
  writeFileSync(script, lines);
  return spawn(process.execPath, [join(root, 'tools', 'run.mjs'), script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('tools/run.mjs', () => {
  it("runs TypeScript on the project's Node, with its arguments and its binaries first", async () => {
    const child = start(
      'const words: readonly string[] = [process.version, process.argv.slice(2).join(), process.env.PATH ?? ""];\nconsole.log(words.join("|"));',
      ['one', '--two'],
    );
    const [version, args, path] = (await text(child.stdout)).split('|');
    expect(version).toMatch(/^v26\./);
    expect(args).toBe('one,--two');
    expect(path?.startsWith(join(root, 'node_modules', '.bin'))).toBe(true);
  });

  it("ends with the program's exit code", async () => {
    expect((await once(start('process.exit(7);'), 'exit'))[0]).toBe(7);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'hands on %s, and waits for the program to finish',
    async (signal) => {
      const child = start(
        `process.once('${signal}', () => { console.log('finishing'); process.exit(3); });\nconsole.log('ready');\nsetInterval(() => {}, 1000);`,
      );
      const output: string[] = [];
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        output.push(String(chunk));
        if (output.length === 1) child.kill(signal);
      }
      expect(output.join('')).toBe('ready\nfinishing\n');
      expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(3);
    },
  );

  it('says so when there is nothing of that name', async () => {
    const child = spawn(process.execPath, [join(root, 'tools', 'run.mjs'), 'no-such-tool'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(await text(child.stderr)).toContain('no-such-tool');
  });
});
