import type { Compilable, Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Usage by five minutes, what is usual of it, and what was not; distributions by day, and what was learned of them. */
export const createAnomalies: Migration = {
  version: 7,
  name: 'create-anomalies',
  statements: (builder) => [...usage(builder), ...anomalies(builder), ...drift(builder)],
};

function usage(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('usage_windows')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('errors', 'bigint', (column) => column.notNull())
      .addColumn('tokens', 'bigint', (column) => column.notNull())
      .addColumn('latency', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_windows_primary_key', ['project_id', 'started_at', 'kind', 'subject', 'source']),
    builder.schema
      .createTable('usage_progress')
      .addColumn('project_id', 'text', (column) => column.primaryKey().references('projects.id'))
      .addColumn('judged_until', 'bigint', (column) => column.notNull())
      .addColumn('known_since', 'bigint', (column) => column.notNull())
      .addColumn('watched_at', 'bigint', (column) => column.notNull()),
    builder.schema
      .createTable('known_subjects')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('usage_rank', 'double precision', (column) => column.notNull())
      .addColumn('is_open', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_subjects_primary_key', ['project_id', 'kind', 'subject']),
    builder.schema
      .createIndex('known_subjects_by_rank')
      .on('known_subjects')
      .columns(['project_id', 'kind', 'usage_rank']),
  ];
}

function anomalies(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('anomalies')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('label', 'text', (column) => column.notNull())
      .addColumn('measure', 'text', (column) => column.notNull())
      .addColumn('direction', 'text', (column) => column.notNull())
      .addColumn('value', 'double precision', (column) => column.notNull())
      .addColumn('usual', 'double precision', (column) => column.notNull())
      .addColumn('is_peak', 'bigint', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addPrimaryKeyConstraint('anomalies_primary_key', ['project_id', 'id']),
    builder.schema.createIndex('anomalies_by_end').on('anomalies').columns(['project_id', 'ended_at', 'since']),
  ];
}

function drift(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('drift_counts')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('day', 'bigint', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('feature', 'text', (column) => column.notNull())
      .addColumn('bin', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('drift_counts_primary_key', ['project_id', 'day', 'model', 'version', 'feature', 'bin']),
    builder.schema
      .createTable('drift_features')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('feature', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('last_day', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('drift_features_primary_key', ['project_id', 'model', 'version', 'feature']),
  ];
}
