import { describe, expect, it } from 'vitest';
import { createInsertCompiler } from './compile-insert.ts';
import { createQueryBuilder } from './query-builder.ts';

interface Tables {
  readonly pairs: Pair;
}
interface Pair {
  readonly left: string;
  readonly right: number | null;
}

const rowsOf = (count: number): Pair[] =>
  Array.from({ length: count }, (_, number) => ({ left: `row ${number}`, right: number % 2 === 0 ? null : number }));

describe('insert compiler', () => {
  it('keeps every statement within one hundred parameters and all rows in order', () => {
    const builder = createQueryBuilder<Tables>('sqlite');
    const compile = createInsertCompiler((rows: readonly Pair[]) => builder.insertInto('pairs').values(rows));
    const statements = compile(rowsOf(120));
    expect(statements.map(({ parameters }) => parameters.length)).toEqual([100, 100, 40]);
    expect(statements.flatMap(({ parameters }) => parameters)).toEqual(rowsOf(120).flatMap(Object.values));
    for (const { sql, parameters } of statements) expect(sql.split('?')).toHaveLength(parameters.length + 1);
  });

  it('compiles the SQL for each number of rows once', () => {
    const builder = createQueryBuilder<Tables>('postgres');
    const built: number[] = [];
    const compile = createInsertCompiler((rows: readonly Pair[]) => {
      built.push(rows.length);
      return builder.insertInto('pairs').values(rows);
    });
    compile(rowsOf(160));
    expect(compile(rowsOf(60)).at(-1)).toEqual({
      sql: expect.stringMatching(/^insert into "pairs" \("left", "right"\) values \(\$1, \$2\), .*\(\$19, \$20\)$/),
      parameters: rowsOf(60).slice(50).flatMap(Object.values),
    });
    expect(built).toEqual([50, 10]);
  });

  it('makes no statement of no rows', () => {
    const builder = createQueryBuilder<Tables>('sqlite');
    expect(createInsertCompiler((rows: readonly Pair[]) => builder.insertInto('pairs').values(rows))([])).toEqual([]);
  });
});
