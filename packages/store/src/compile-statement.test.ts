import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';

describe('compiled statement', () => {
  it.each([
    ['sqlite' as const, 'select "name" from "projects" where "id" = ? and "name" = ?'],
    ['postgres' as const, 'select "name" from "projects" where "id" = $1 and "name" = $2'],
  ])('speaks %s and keeps values out of the SQL', (dialect, expected) => {
    const query = createQueryBuilder(dialect)
      .selectFrom('projects')
      .select('name')
      .where('id', '=', "x' or 1=1")
      .where('name', '=', 'y');
    expect(compileStatement(query)).toEqual({ sql: expected, parameters: ["x' or 1=1", 'y'] });
  });

  it('refuses more parameters than every database takes', () => {
    const ids = Array.from({ length: 101 }, (_, number) => String(number));
    const query = createQueryBuilder('sqlite').selectFrom('projects').selectAll().where('id', 'in', ids);
    expect(() => compileStatement(query)).toThrow('binds 101 parameters; at most 100');
  });

  it('refuses values that not every database takes', () => {
    const builder = createQueryBuilder('sqlite');
    const query = { compile: () => sql`select ${new Date(0)}`.compile(builder) };
    expect(() => compileStatement(query)).toThrow('cannot bind a value of type object');
  });
});
