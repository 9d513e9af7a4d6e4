import type { Compilable, Kysely } from 'kysely';
import type { Migration } from './migration.ts';

/** Deployments and rollouts with their evidence. Revisions and sequences are primary keys: a second writer of one fails. */
export const createRolloutTables: Migration = {
  version: 3,
  name: 'create-rollout-tables',
  statements: (builder) => [
    ...versionColumns(builder),
    ...predictionColumns(builder),
    ...deployments(builder),
    ...rollouts(builder),
    ...rolloutFacts(builder),
    ...receipts(builder),
    ...feedback(builder),
    leases(builder),
  ],
};

function versionColumns(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema.alterTable('model_versions').addColumn('declaration', 'text'),
    builder.schema.alterTable('model_versions').addColumn('card', 'text'),
    builder.schema
      .createTable('version_statuses')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('sunset_at', 'bigint')
      .addColumn('decided_by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('version_statuses_primary_key', ['project_id', 'model', 'version', 'revision']),
  ];
}

function predictionColumns(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema.alterTable('predictions').addColumn('rollout_id', 'text'),
    builder.schema.alterTable('predictions').addColumn('traffic_revision', 'bigint'),
    builder.schema.alterTable('predictions').addColumn('sticky_key', 'text'),
    builder.schema.alterTable('predictions').addColumn('end_user', 'text'),
    builder.schema.alterTable('predictions').addColumn('answer', 'text'),
    builder.schema.createIndex('predictions_by_rollout').on('predictions').columns(['rollout_id', 'request_id']),
  ];
}

function deployments(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('wanted_models')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('stable', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('wanted_models_primary_key', ['project_id', 'model']),
    builder.schema
      .createTable('traffic_revisions')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('stable', 'text', (column) => column.notNull())
      .addColumn('candidate', 'text')
      .addColumn('weight', 'double precision', (column) => column.notNull())
      .addColumn('shadow', 'double precision', (column) => column.notNull())
      .addColumn('sticky', 'text', (column) => column.notNull())
      .addColumn('salt', 'text', (column) => column.notNull())
      .addColumn('rollout_id', 'text')
      .addColumn('decided_by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('traffic_revisions_primary_key', ['project_id', 'model', 'revision']),
  ];
}

function rollouts(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('rollouts')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('from_version', 'text', (column) => column.notNull())
      .addColumn('to_version', 'text', (column) => column.notNull())
      .addColumn('from_digest', 'text', (column) => column.notNull())
      .addColumn('to_digest', 'text', (column) => column.notNull())
      .addColumn('plan', 'text', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull()),
    builder.schema.createIndex('rollouts_by_model').on('rollouts').columns(['project_id', 'model', 'id']),
    builder.schema
      .createTable('rollout_states')
      .addColumn('rollout_id', 'text', (column) => column.notNull().references('rollouts.id'))
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('step', 'integer', (column) => column.notNull())
      .addColumn('resumes_in', 'text')
      .addColumn('frozen_by', 'text')
      .addColumn('deadline_at', 'bigint')
      .addColumn('evidence_from', 'bigint', (column) => column.notNull())
      .addColumn('renewed_from', 'bigint', (column) => column.notNull())
      .addColumn('paused', 'integer', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addColumn('provisional', 'integer', (column) => column.notNull())
      .addColumn('decided_by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_states_primary_key', ['rollout_id', 'revision']),
  ];
}

function rolloutFacts(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('rollout_flushes')
      .addColumn('rollout_id', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_flushes_primary_key', ['rollout_id', 'source', 'sequence']),
    builder.schema
      .createTable('rollout_exposures')
      .addColumn('rollout_id', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('weight', 'double precision', (column) => column.notNull())
      .addColumn('arm', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('unit', 'text', (column) => column.notNull())
      .addColumn('exposed', 'bigint', (column) => column.notNull())
      .addColumn('events', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_exposures_primary_key', ['rollout_id', 'revision', 'arm', 'event', 'unit']),
    builder.schema
      .createTable('rollout_buckets')
      .addColumn('rollout_id', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('arm', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('events', 'bigint', (column) => column.notNull())
      .addColumn('buckets', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_buckets_primary_key', [
        'rollout_id',
        'revision',
        'arm',
        'event',
        'requests',
        'events',
      ]),
    builder.schema
      .createTable('rollout_crashes')
      .addColumn('rollout_id', 'text', (column) => column.primaryKey())
      .addColumn('crashes', 'bigint', (column) => column.notNull()),
    builder.schema
      .createTable('rollout_sightings')
      .addColumn('rollout_id', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('happened', 'integer', (column) => column.notNull())
      .addColumn('key_hash', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('weight', 'double precision', (column) => column.notNull())
      .addColumn('arm', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_sightings_primary_key', ['rollout_id', 'event', 'happened', 'key_hash']),
  ];
}

function receipts(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('receipts')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('version_digest', 'text', (column) => column.notNull())
      .addColumn('rollout_id', 'text')
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('previous_hash', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('receipts_primary_key', ['project_id', 'sequence']),
    builder.schema
      .createIndex('receipts_by_version')
      .on('receipts')
      .columns(['project_id', 'model', 'version', 'kind']),
    builder.schema.createIndex('receipts_by_rollout').on('receipts').columns(['rollout_id', 'sequence']),
    builder.schema
      .createTable('receipt_heads')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('signature', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('receipt_heads_primary_key', ['project_id', 'sequence']),
  ];
}

function feedback(builder: Kysely<unknown>): readonly Compilable[] {
  return [
    builder.schema
      .createTable('feedback')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('label', 'text')
      .addColumn('label_digest', 'text')
      .addColumn('rating', 'double precision')
      .addColumn('completed', 'integer')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('feedback_primary_key', ['project_id', 'id']),
    builder.schema.createIndex('feedback_by_request').on('feedback').columns(['project_id', 'request_id']),
    builder.schema
      .createTable('shadow_pairs')
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('rollout_id', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('agree', 'integer', (column) => column.notNull())
      .addColumn('cosine', 'double precision')
      .addColumn('stable_answer', 'text')
      .addColumn('candidate_answer', 'text')
      .addColumn('candidate_failed', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('shadow_pairs_primary_key', ['project_id', 'id']),
    builder.schema.createIndex('shadow_pairs_by_request').on('shadow_pairs').columns(['project_id', 'request_id']),
    builder.schema.createIndex('shadow_pairs_by_rollout').on('shadow_pairs').columns(['rollout_id', 'id']),
  ];
}

function leases(builder: Kysely<unknown>): Compilable {
  return builder.schema
    .createTable('leases')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('held_until', 'bigint', (column) => column.notNull());
}
