import type { Compilable, Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Figures by minute, hour and day, end users and heartbeats. */
export const createMetrics: Migration = {
  version: 5,
  name: 'create-metrics',
  statements: (builder) => [...figures(builder), ...people(builder), uptime(builder)],
};

function figures(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('metric_rows')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('tier', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('route', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('input_tokens', 'bigint', (column) => column.notNull())
      .addColumn('output_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost_usd', 'double precision', (column) => column.notNull())
      .addColumn('latency', 'text', (column) => column.notNull())
      .addColumn('first_token', 'text', (column) => column.notNull())
      .addColumn('queue', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('metric_rows_primary_key', [
        'project_id',
        'tier',
        'started_at',
        'model',
        'version',
        'route',
        'outcome',
        'source',
      ]),
    builder.schema
      .createTable('metric_folds')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('tier', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('metric_folds_primary_key', ['project_id', 'tier', 'started_at']),
  ];
}

function people(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('key_hours')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('errors', 'bigint', (column) => column.notNull())
      .addColumn('tokens', 'bigint', (column) => column.notNull())
      .addColumn('latency_ms', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('key_hours_primary_key', ['project_id', 'started_at', 'key_id', 'source']),
    builder.schema
      .createTable('active_users')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('end_user', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('active_users_primary_key', ['project_id', 'model', 'end_user']),
    builder.schema
      .createIndex('active_users_by_time')
      .on('active_users')
      .columns(['project_id', 'last_seen_at', 'model']),
    builder.schema.createIndex('feedback_by_time').on('feedback').columns(['project_id', 'created_at', 'request_id']),
  ];
}

function uptime(builder: Kysely<unknown>): Compilable {
  return builder.schema
    .createTable('uptime_spans')
    .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('uptime_spans_primary_key', ['project_id', 'model', 'started_at', 'source']);
}
