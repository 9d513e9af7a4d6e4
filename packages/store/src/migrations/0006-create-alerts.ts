import type { Migration } from './migration.ts';

/** Alerts, silences, and when the rules were last looked at. */
export const createAlerts: Migration = {
  version: 6,
  name: 'create-alerts',
  statements: (builder) => [
    builder.schema
      .createTable('alerts')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('open_rule', 'text')
      .addColumn('is_active', 'integer', (column) => column.notNull())
      .addColumn('resolved_at', 'bigint')
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull()),
    builder.schema.createIndex('alerts_by_open_rule').unique().on('alerts').columns(['project_id', 'open_rule']),
    builder.schema.createIndex('alerts_by_activity').on('alerts').columns(['project_id', 'is_active']),
    builder.schema.createIndex('alerts_by_end').on('alerts').columns(['project_id', 'resolved_at']),
    builder.schema
      .createTable('alert_silences')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull()),
    builder.schema.createIndex('alert_silences_by_end').on('alert_silences').columns(['project_id', 'ends_at']),
    builder.schema
      .createTable('alert_rounds')
      .addColumn('project_id', 'text', (column) => column.primaryKey().references('projects.id'))
      .addColumn('evaluated_at', 'bigint', (column) => column.notNull()),
  ],
};
