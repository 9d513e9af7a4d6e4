import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { migrate } from '@scarmonit/store/migrate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'scarmonit-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('loses no key that was acknowledged when the process is killed while it writes', async () => {
  const path = join(directory, 'scarmonit.db');
  const script = new URL('./fixtures/create-keys-until-killed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed.split('\n').length > 50) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');

  const acknowledged = printed.split('\n').slice(0, -1);
  expect(acknowledged.length).toBeGreaterThanOrEqual(50);
  const database = openSqlite(path);
  await migrate(database, createFakeClock());
  const kept = new Set((await createKeyRepository(database).list('default')).map(({ id }) => id));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  expect(await database.findDamage()).toEqual([]);
  await database.close();
});
