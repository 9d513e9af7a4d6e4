import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory } from './lock-data-directory.ts';

describe('data directory lock', () => {
  let directory: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'scarmonit-lock-')), 'data');
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    rmSync(join(directory, '..'), { recursive: true, force: true });
  });

  /** Starts a process that tries to lock; `said` is its first line: `locked`, or why not. */
  const startHolder = async (): Promise<{ readonly child: ChildProcess; readonly said: string }> => {
    const script = new URL('./fixtures/hold-lock.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    return { child, said: String(line).trim() };
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  it('makes a directory that only its owner may enter, and tells who holds it', () => {
    const lock = lockDataDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'))).toMatchObject({ processId: process.pid });
    lock.release();
  });

  it('turns a second process away and says who holds it, since when and what to do', async () => {
    const lock = lockDataDirectory(directory);
    const { said } = await startHolder();
    expect(said).toMatch(
      new RegExp(
        `^The data directory ${directory} is in use by process ${process.pid} on ${hostname()} since 2\\S+Z\\. ` +
          `Stop that process \\(kill ${process.pid}\\), or set SCARMONIT_DATA_DIR to another directory\\.$`,
      ),
    );
    lock.release();
  });

  it('turns away a second holder in the same process', () => {
    const lock = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(`is in use by process ${process.pid}`);
    lock.release();
  });

  it('lets others in when it is released, once', async () => {
    const lock = lockDataDirectory(directory);
    lock.release();
    expect(existsSync(join(directory, 'lock.json'))).toBe(false);
    expect((await startHolder()).said).toBe('locked');
    lock.release();
    expect(() => lockDataDirectory(directory)).toThrow('is in use by process');
  });

  it('is free as soon as its holder was killed, whatever that left behind', async () => {
    const { child, said } = await startHolder();
    expect(said).toBe('locked');
    expect(() => lockDataDirectory(directory)).toThrow(`is in use by process ${child.pid}`);
    await kill(child);
    expect(existsSync(join(directory, 'lock.json'))).toBe(true);
    lockDataDirectory(directory).release();
  });

  it('does not take the number of a process for a lock, since numbers are used again', () => {
    lockDataDirectory(directory).release();
    const reused = { processId: process.ppid, host: hostname(), since: '2026-01-01T00:00:00.000Z' };
    writeFileSync(join(directory, 'lock.json'), JSON.stringify(reused));
    lockDataDirectory(directory).release();
  });

  it('goes to exactly one of several that come at once after a kill', async () => {
    const { child } = await startHolder();
    await kill(child);
    const outcomes = await Promise.all(Array.from({ length: 4 }, startHolder));
    expect(outcomes.filter(({ said }) => said === 'locked')).toHaveLength(1);
    expect(outcomes.filter(({ said }) => said.includes('is in use by'))).toHaveLength(3);
  });

  it.each(['', '{', '[]', '{"processId":"x"}'])('says "another process" when lock.json holds %j', async (text) => {
    await startHolder();
    writeFileSync(join(directory, 'lock.json'), text);
    expect(() => lockDataDirectory(directory)).toThrow('is in use by another process. Stop that process, or set');
  });

  it('says when the directory cannot be used', () => {
    const file = join(directory, '..', 'file');
    writeFileSync(file, '');
    expect(() => lockDataDirectory(join(file, 'data'))).toThrow(/cannot be used: .*Check that it may be written/);
  });
});
