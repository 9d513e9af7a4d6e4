import type { SqlDatabase, SqlStatement, SqlValue } from '@scarmonit/core/ports/sql-database';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A database for one test. */
export interface OpenedDatabase {
  readonly db: SqlDatabase;
  close(): Promise<void>;
}

/**
 * What every SQL adapter must do.
 * @param open makes an empty database
 */
export function testSqlDatabase(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`SQL database: ${name}`, () => {
    let opened: OpenedDatabase;
    let run: (sql: string, ...parameters: SqlValue[]) => ReturnType<SqlDatabase['query']>;
    beforeEach(async () => {
      opened = await open();
      run = (sql, ...parameters) => opened.db.query(statement(sql, ...parameters));
      await run('create table notes (id bigint primary key, body text, weight double precision)');
    });
    afterEach(() => opened.close());

    /** Writes `?` as the dialect's placeholder. */
    const statement = (sql: string, ...parameters: SqlValue[]): SqlStatement => {
      let place = 0;
      const placed = opened.db.dialect === 'sqlite' ? sql : sql.replaceAll('?', () => `$${++place}`);
      return { sql: placed, parameters };
    };
    const insert = (id: number, body: string) => statement('insert into notes (id, body) values (?, ?)', id, body);

    it('gives back what was bound: text, numbers, null', async () => {
      const text = 'naïve \u{1F600} \' " ; -- \n';
      await run('insert into notes (id, body, weight) values (?, ?, ?)', Number.MAX_SAFE_INTEGER, text, 0.1);
      await run('insert into notes (id, body, weight) values (?, ?, ?)', 1, null, -1.5e-9);
      expect(await run('select id, body, weight from notes order by id')).toEqual([
        { id: 1, body: null, weight: -1.5e-9 },
        { id: Number.MAX_SAFE_INTEGER, body: text, weight: 0.1 },
      ]);
    });

    it('gives no rows for a write, and the rows of its returning clause', async () => {
      expect(await run('insert into notes (id, body) values (?, ?)', 1, 'a')).toEqual([]);
      expect(await run('update notes set body = ? where id = ? returning body', 'b', 1)).toEqual([{ body: 'b' }]);
      expect(await run('update notes set body = ? where id = ? returning body', 'b', 2)).toEqual([]);
    });

    it('rejects bad SQL and broken constraints, and goes on working', async () => {
      await run('insert into notes (id, body) values (?, ?)', 1, 'a');
      await expect(run('selectt 1')).rejects.toThrow(Error);
      await expect(run('insert into notes (id, body) values (?, ?)', 1, 'b')).rejects.toThrow(Error);
      expect(await run('select body from notes')).toEqual([{ body: 'a' }]);
    });

    it('runs a batch in order and gives the rows of each statement', async () => {
      const results = await opened.db.batch([
        insert(1, 'a'),
        statement('select body from notes'),
        statement('delete from notes returning id'),
        statement('select body from notes'),
      ]);
      expect(results).toEqual([[], [{ body: 'a' }], [{ id: 1 }], []]);
    });

    it('does nothing for an empty batch', async () => {
      expect(await opened.db.batch([])).toEqual([]);
    });

    it('changes nothing when any statement of a batch fails', async () => {
      await expect(opened.db.batch([insert(1, 'a'), insert(2, 'b'), insert(1, 'c')])).rejects.toThrow(Error);
      expect(await run('select * from notes')).toEqual([]);
      await opened.db.batch([insert(1, 'after')]);
      expect(await run('select body from notes')).toEqual([{ body: 'after' }]);
    });

    it('undoes the tables of a batch that fails, too', async () => {
      const create = statement('create table extra (id bigint)');
      await expect(opened.db.batch([create, statement('insert into absent (id) values (1)')])).rejects.toThrow(Error);
      await expect(run('select * from extra')).rejects.toThrow(Error);
    });

    it('keeps batches apart that are handed in at once', async () => {
      const increment = statement('update notes set weight = weight + 1 where id = 1');
      await run('insert into notes (id, weight) values (1, 0)');
      await Promise.all(Array.from({ length: 64 }, () => opened.db.batch([increment, increment])));
      expect(await run('select weight from notes')).toEqual([{ weight: 128 }]);
    });

    it('runs a statement with one hundred parameters', async () => {
      const ids = Array.from({ length: 100 }, (_, index) => index);
      await opened.db.batch(ids.map((id) => insert(id, 'x')));
      const places = ids.map(() => '?').join(', ');
      const rows = await opened.db.query(statement(`select id from notes where id in (${places})`, ...ids));
      expect(rows).toHaveLength(100);
    });
  });
}
