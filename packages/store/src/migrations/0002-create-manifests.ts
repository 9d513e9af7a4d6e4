import type { Migration } from './migration.ts';

/** Manifests that were applied to hosts that read no file. */
export const createManifests: Migration = {
  version: 2,
  name: 'create-manifests',
  statements: (builder) => [
    builder.schema
      .createTable('manifests')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('manifests_primary_key', ['project_id', 'revision']),
  ],
};
