import type { Migration } from './migration.ts';

/** Browsers that are signed in. */
export const createSessions: Migration = {
  version: 4,
  name: 'create-sessions',
  statements: (builder) => [
    builder.schema
      .createTable('sessions')
      .addColumn('sha256', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull()),
    builder.schema.createIndex('sessions_by_expiry').on('sessions').columns(['expires_at']),
  ],
};
