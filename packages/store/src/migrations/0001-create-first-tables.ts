import { type Compilable, type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

/**
 * Types that SQLite, D1 and Postgres share: `bigint` for times and counts (Postgres's `integer` has 32 bits),
 * `double precision` for figures, `text` for the rest, JSON included.
 */
export const createFirstTables: Migration = {
  version: 1,
  name: 'create-first-tables',
  statements: (builder) => [
    ...projects(builder),
    ...apiKeys(builder),
    ...predictions(builder),
    ...modelVersions(builder),
  ],
};

function projects(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('projects')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull()),
    bind(builder, sql`insert into projects (id, name) values ('default', 'Default')`),
  ];
}

function apiKeys(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull().unique())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('models', 'text')
      .addColumn('requests_per_minute', 'bigint')
      .addColumn('tokens_per_minute', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint'),
    builder.schema.createIndex('api_keys_by_project').on('api_keys').columns(['project_id', 'created_at']),
  ];
}

function predictions(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('predictions')
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('route', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('stream', 'integer', (column) => column.notNull())
      .addColumn('latency_ms', 'double precision', (column) => column.notNull())
      .addColumn('first_token_ms', 'double precision')
      .addColumn('queue_ms', 'double precision')
      .addColumn('input_tokens', 'bigint', (column) => column.notNull())
      .addColumn('output_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost_usd', 'double precision', (column) => column.notNull())
      // Ids sort by time, so the primary key is the index for paging too.
      .addPrimaryKeyConstraint('predictions_primary_key', ['project_id', 'id']),
    builder.schema.createIndex('predictions_by_time').on('predictions').columns(['project_id', 'created_at']),
    builder.schema.createIndex('predictions_by_request').on('predictions').columns(['project_id', 'request_id']),
  ];
}

function modelVersions(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('model_versions')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('spec_digest', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('model_versions_primary_key', ['project_id', 'model', 'version']),
  ];
}

function bind(builder: Kysely<unknown>, statement: ReturnType<typeof sql>): Compilable {
  return { compile: () => statement.compile(builder) };
}
