import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What people search requests by. Failed and slow ones are few, and their indexes hold nothing else. */
export const indexPredictions: Migration = {
  version: 8,
  name: 'index-predictions',
  statements: (builder) => [
    builder.schema
      .createIndex('predictions_by_version')
      .on('predictions')
      .columns(['project_id', 'model', 'version', 'id']),
    builder.schema.createIndex('predictions_by_key').on('predictions').columns(['project_id', 'key_id', 'id']),
    builder.schema
      .createIndex('predictions_not_ok')
      .on('predictions')
      .columns(['project_id', 'outcome', 'id'])
      .where(sql<boolean>`outcome <> 'ok'`),
    builder.schema
      .createIndex('predictions_slow')
      .on('predictions')
      .columns(['project_id', 'id'])
      .where(sql<boolean>`latency_ms >= 5000`),
  ],
};
