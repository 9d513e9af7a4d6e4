import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlStatement } from '@scarmonit/core/ports/sql-database';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testSqlDatabase } from '../../test/contracts/sql-database.ts';
import { openSqlite } from './open-sqlite.ts';

testSqlDatabase('SQLite', async () => {
  const db = openSqlite(':memory:');
  return { db, close: () => db.close() };
});

const plain = (sql: string): SqlStatement => ({ sql, parameters: [] });

describe('SQLite file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'scarmonit-sqlite-'));
    path = join(directory, 'store.db');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps what was written, in a file that only its owner may read', async () => {
    const first = openSqlite(path);
    await first.batch([plain('create table notes (body text)'), plain("insert into notes values ('kept')")]);
    await first.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = openSqlite(path);
    expect(await second.query(plain('select body from notes'))).toEqual([{ body: 'kept' }]);
    await second.close();
  });

  it('writes ahead, synced at each commit', async () => {
    const database = openSqlite(path);
    expect(await database.query(plain('pragma journal_mode'))).toEqual([{ journal_mode: 'wal' }]);
    expect(await database.query(plain('pragma synchronous'))).toEqual([{ synchronous: 2 }]);
    await database.close();
  });

  it('lets two connections write at once, and each sees what the other wrote', async () => {
    const [left, right] = [openSqlite(path), openSqlite(path)];
    await left.query(plain('create table counters (value bigint)'));
    await right.query(plain('insert into counters values (0)'));
    const increment = plain('update counters set value = value + 1');
    const writes = [left, right].flatMap((database) =>
      Array.from({ length: 25 }, () => database.batch([plain('select value from counters'), increment])),
    );
    await Promise.all(writes);
    expect(await left.query(plain('select value from counters'))).toEqual([{ value: 50 }]);
    expect(await right.query(plain('select value from counters'))).toEqual([{ value: 50 }]);
    await Promise.all([left.close(), right.close()]);
  });

  it('leaves the event loop free while the database works', async () => {
    const database = openSqlite(path);
    await database.check();
    const order: string[] = [];
    const slow =
      'with recursive n(x) as (select 1 union all select x + 1 from n where x < 1000000) select max(x) from n';
    await Promise.all([
      database.query(plain(slow)).then(() => order.push('query')),
      new Promise(setImmediate).then(() => order.push('event loop')),
    ]);
    expect(order).toEqual(['event loop', 'query']);
    await database.close();
  });

  it('finishes what was handed in before it closes, and refuses what comes later', async () => {
    const database = openSqlite(path);
    await database.query(plain('create table notes (body text)'));
    const writes = Array.from({ length: 20 }, () => database.query(plain("insert into notes values ('x')")));
    await Promise.all([...writes, database.close(), database.close()]);
    await expect(database.query(plain('select 1'))).rejects.toThrow('it is closed');
    const again = openSqlite(path);
    expect(await again.query(plain('select count(*) as count from notes'))).toEqual([{ count: 20 }]);
    await again.close();
  });

  it('says when the file is no database', async () => {
    writeFileSync(path, 'not a database, but long enough to have a header of one hundred bytes'.repeat(10));
    const database = openSqlite(path);
    await expect(database.check()).rejects.toThrow(/store\.db failed: .*The file is not a SQLite database/);
    await expect(database.query(plain('select 1'))).rejects.toThrow('not a SQLite database');
    await database.close();
  });

  it('says when the folder is missing', async () => {
    const database = openSqlite(join(directory, 'missing', 'store.db'));
    await expect(database.check()).rejects.toThrow(/missing.store\.db failed: .*no such file or directory/);
    await database.close();
  });

  it('finds no damage in a sound file, and some in a broken one', async () => {
    const database = openSqlite(path);
    await database.batch([
      plain('create table notes (id integer primary key, body text)'),
      plain(
        'with recursive n(x) as (select 1 union all select x + 1 from n where x < 500) ' +
          'insert into notes select x, hex(zeroblob(100)) from n',
      ),
    ]);
    expect(await database.findDamage()).toEqual([]);
    await database.close();

    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, 8 * 4_096);
    closeSync(file);
    const damaged = openSqlite(path);
    expect((await damaged.findDamage()).length).toBeGreaterThan(0);
    await damaged.close();
  });
});
