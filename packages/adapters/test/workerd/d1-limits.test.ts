import { reset } from 'cloudflare:test';
import { maxParameters } from '@scarmonit/core/ports/sql-database';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openD1 } from '../../src/cloudflare/d1/open-d1.ts';
import { bindings } from './bindings.ts';

/**
 * The contracts of the repositories run on the D1 of workerd. It must have D1's own limits, or they would pass here and fail
 * at Cloudflare (developers.cloudflare.com/d1/platform/limits).
 */
describe('D1 in workerd has the limits of D1', () => {
  const db = openD1(bindings.DB);
  beforeEach(() => db.query({ sql: 'create table notes (id integer primary key, body text)', parameters: [] }));
  afterEach(() => reset());
  const insert = (body: string) => db.query({ sql: 'insert into notes (body) values (?)', parameters: [body] });
  const select = (places: number) =>
    db.query({
      sql: `select id from notes where id in (${Array(places).fill('?').join(', ')})`,
      parameters: Array(places).fill(1),
    });

  it('of bound parameters: as many as the port says, and not one more', async () => {
    await expect(select(maxParameters)).resolves.toEqual([]);
    await expect(select(maxParameters + 1)).rejects.toThrow('too many SQL variables');
  });

  it('of a value: 2 MB, which workerd does not mind and so the adapter does', async () => {
    await expect(insert('x'.repeat(2_000_000))).resolves.toEqual([]);
    await expect(insert('x'.repeat(2_000_001))).rejects.toThrow('values of up to 2000000 bytes, not of 2000001');
  });

  it('of a statement: 100 KB', async () => {
    const query = (bytes: number) => db.query({ sql: `select '${'x'.repeat(bytes)}' as text`, parameters: [] });
    await expect(query(90_000)).resolves.toHaveLength(1);
    await expect(query(110_000)).rejects.toThrow('too long');
  });

  it('of a union: five parts', async () => {
    const unite = (parts: number) =>
      db.query({ sql: Array(parts).fill('select 1 as one').join(' union all '), parameters: [] });
    await expect(unite(5)).resolves.toHaveLength(5);
    await expect(unite(6)).rejects.toThrow('too many terms in compound SELECT');
  });
});
