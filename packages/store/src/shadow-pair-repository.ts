import type { ShadowPair, ShadowPairRepository } from '@scarmonit/core/ports/feedback-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber } from './read-row.ts';
import type { ShadowPairRow } from './rollout-schema.ts';

/** Shadow pairs in SQL. Inserting one that is there already changes nothing, so a failed batch may be retried. */
export function createShadowPairRepository(db: SqlDatabase): ShadowPairRepository {
  const builder = createQueryBuilder(db.dialect);
  const compileInserts = createInsertCompiler((rows: readonly ShadowPairRow[]) =>
    builder
      .insertInto('shadow_pairs')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['project_id', 'id']).doNothing()),
  );
  return {
    async insertMany(pairs) {
      if (pairs.length > 0) await db.batch(compileInserts(pairs.map(toPairRow)));
    },

    async count(projectId, rolloutId) {
      const query = builder
        .selectFrom('shadow_pairs')
        .select(({ fn }) => [
          fn.countAll<number>().as('pairs'),
          fn.sum<number | null>('agree').as('agreeing'),
          fn.sum<number | null>('candidate_failed').as('failed'),
        ])
        .where('project_id', '=', projectId)
        .where('rollout_id', '=', rolloutId);
      const [row = {}] = await db.query(compileStatement(query));
      return {
        pairs: readNumber(row, 'pairs'),
        agreeing: readOptionalNumber(row, 'agreeing') ?? 0,
        failed: readOptionalNumber(row, 'failed') ?? 0,
      };
    },
  };
}

function toPairRow(pair: ShadowPair): ShadowPairRow {
  return {
    project_id: pair.projectId,
    id: pair.id,
    rollout_id: pair.rolloutId,
    request_id: pair.requestId,
    agree: pair.agree ? 1 : 0,
    cosine: pair.cosine ?? null,
    stable_answer: pair.stableAnswer ?? null,
    candidate_answer: pair.candidateAnswer ?? null,
    candidate_failed: pair.candidateFailed ? 1 : 0,
    created_at: pair.createdAt,
  };
}
