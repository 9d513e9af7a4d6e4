import type { ReceiptRepository } from '@scarmonit/core/ports/rollout-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { toHead, toReceipt } from './receipt-rows.ts';

/** The chain of receipts in SQL, to read. */
export function createReceiptRepository(db: SqlDatabase): ReceiptRepository {
  const builder = createQueryBuilder(db.dialect);
  const select = (projectId: string) => builder.selectFrom('receipts').selectAll().where('project_id', '=', projectId);
  return {
    async last(projectId) {
      const query = select(projectId).orderBy('sequence', 'desc').limit(1);
      return (await db.query(compileStatement(query))).map(toReceipt)[0];
    },
    async list(projectId, { after, limit }) {
      const query = select(projectId).where('sequence', '>', after).orderBy('sequence').limit(limit);
      return (await db.query(compileStatement(query))).map(toReceipt);
    },
    async find(projectId, { model, version, versionDigest, rolloutId, kind, limit, before }) {
      let query = select(projectId);
      if (model !== undefined) query = query.where('model', '=', model);
      if (version !== undefined) query = query.where('version', '=', version);
      if (versionDigest !== undefined) query = query.where('version_digest', '=', versionDigest);
      if (rolloutId !== undefined) query = query.where('rollout_id', '=', rolloutId);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (before !== undefined) query = query.where('sequence', '<', before);
      return (await db.query(compileStatement(query.orderBy('sequence', 'desc').limit(limit)))).map(toReceipt);
    },
    async listHeads(projectId) {
      const query = builder
        .selectFrom('receipt_heads')
        .selectAll()
        .where('project_id', '=', projectId)
        .orderBy('sequence');
      return (await db.query(compileStatement(query))).map(toHead);
    },
  };
}
