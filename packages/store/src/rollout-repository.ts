import type { RolloutRepository, RolloutWithState, Transition } from '@scarmonit/core/ports/rollout-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { Compilable } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readText } from './read-row.ts';
import { toHeadRow, toReceiptRow } from './receipt-rows.ts';
import { toRollout, toRolloutRow, toRolloutState, toRolloutStateRow, toTraffic, toTrafficRow } from './rollout-rows.ts';

/** Deployments and rollouts in SQL. */
export function createRolloutRepository(db: SqlDatabase): RolloutRepository {
  const builder = createQueryBuilder(db.dialect);

  const upsertWanted = (
    projectId: string,
    { model, stable, updatedAt }: NonNullable<Transition['wanted']>,
  ): Compilable =>
    builder
      .insertInto('wanted_models')
      .values({ project_id: projectId, model, stable, updated_at: updatedAt })
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'model']).doUpdateSet({ stable, updated_at: updatedAt }),
      );

  const insertsOf = (
    projectId: string,
    { rollout, state, traffic, wanted, receipts, head }: Transition,
  ): Compilable[] => [
    ...(rollout === undefined ? [] : [builder.insertInto('rollouts').values(toRolloutRow(rollout))]),
    ...(state === undefined ? [] : [builder.insertInto('rollout_states').values(toRolloutStateRow(state))]),
    ...(traffic === undefined
      ? []
      : [builder.insertInto('traffic_revisions').values(toTrafficRow(projectId, traffic))]),
    ...(wanted === undefined ? [] : [upsertWanted(projectId, wanted)]),
    ...receipts.map((receipt) => builder.insertInto('receipts').values(toReceiptRow(receipt))),
    ...(head === undefined ? [] : [builder.insertInto('receipt_heads').values(toHeadRow(head))]),
  ];

  /** Whether somebody has written one of the revisions or sequences that the transition claims. */
  const isTaken = async (projectId: string, { state, traffic, receipts }: Transition): Promise<boolean> => {
    const [receipt] = receipts;
    const claims = [
      ...(state === undefined
        ? []
        : [
            builder
              .selectFrom('rollout_states')
              .select('revision')
              .where('rollout_id', '=', state.rolloutId)
              .where('revision', '=', state.revision),
          ]),
      ...(traffic === undefined
        ? []
        : [
            builder
              .selectFrom('traffic_revisions')
              .select('revision')
              .where('project_id', '=', projectId)
              .where('model', '=', traffic.model)
              .where('revision', '=', traffic.revision),
          ]),
      ...(receipt === undefined
        ? []
        : [
            builder
              .selectFrom('receipts')
              .select('sequence')
              .where('project_id', '=', projectId)
              .where('sequence', '=', receipt.sequence),
          ]),
    ];
    return (await db.batch(claims.map(compileStatement))).some((rows) => rows.length > 0);
  };

  const selectRollouts = () =>
    builder
      .selectFrom('rollouts')
      .innerJoin('rollout_states', 'rollout_states.rollout_id', 'rollouts.id')
      .selectAll('rollouts')
      .select([
        'rollout_states.revision',
        'rollout_states.phase',
        'rollout_states.step',
        'rollout_states.resumes_in',
        'rollout_states.frozen_by',
        'rollout_states.deadline_at',
        'rollout_states.evidence_from',
        'rollout_states.renewed_from',
        'rollout_states.paused',
        'rollout_states.since',
        'rollout_states.provisional',
        'rollout_states.decided_by',
        'rollout_states.reason as state_reason',
        'rollout_states.created_at as state_created_at',
      ])
      .where(({ eb, selectFrom }) =>
        eb(
          'rollout_states.revision',
          '=',
          selectFrom('rollout_states as newest')
            .select(({ fn }) => fn.max('newest.revision').as('revision'))
            .whereRef('newest.rollout_id', '=', 'rollouts.id'),
        ),
      );

  const read = async (query: Compilable): Promise<readonly RolloutWithState[]> =>
    (await db.query(compileStatement(query))).map((row) => ({
      rollout: toRollout(row),
      state: toRolloutState({ ...row, reason: row.state_reason ?? null, created_at: row.state_created_at ?? null }),
    }));

  return {
    async commit(projectId, transition) {
      const statements = insertsOf(projectId, transition).map(compileStatement);
      try {
        await db.batch(statements);
        return true;
      } catch (error) {
        if (await isTaken(projectId, transition)) return false;
        throw error;
      }
    },

    async wantedStables(projectId) {
      const query = builder.selectFrom('wanted_models').select(['model', 'stable']).where('project_id', '=', projectId);
      const rows = await db.query(compileStatement(query));
      return new Map(rows.map((row) => [readText(row, 'model'), readText(row, 'stable')]));
    },

    async currentTraffic(projectId) {
      const query = builder
        .selectFrom('traffic_revisions')
        .selectAll()
        .where('project_id', '=', projectId)
        .where(({ eb, selectFrom }) =>
          eb(
            'revision',
            '=',
            selectFrom('traffic_revisions as newest')
              .select(({ fn }) => fn.max('newest.revision').as('revision'))
              .whereRef('newest.project_id', '=', 'traffic_revisions.project_id')
              .whereRef('newest.model', '=', 'traffic_revisions.model'),
          ),
        )
        .orderBy('model');
      return (await db.query(compileStatement(query))).map(toTraffic);
    },

    async listTraffic(projectId, model, { limit, at, before }) {
      let query = builder
        .selectFrom('traffic_revisions')
        .selectAll()
        .where('project_id', '=', projectId)
        .where('model', '=', model);
      if (at !== undefined) query = query.where('created_at', '<=', at);
      if (before !== undefined) query = query.where('revision', '<', before);
      return (await db.query(compileStatement(query.orderBy('revision', 'desc').limit(limit)))).map(toTraffic);
    },

    async findRollout(projectId, id) {
      const [found] = await read(selectRollouts().where('project_id', '=', projectId).where('rollouts.id', '=', id));
      return found;
    },

    listOpen: (projectId) =>
      read(
        selectRollouts()
          .where('project_id', '=', projectId)
          .where(({ eb, or }) =>
            or([
              eb('rollout_states.phase', 'not in', ['active', 'rolled-back', 'aborted']),
              eb('rollout_states.provisional', '=', 1),
            ]),
          )
          .orderBy('rollouts.id'),
      ),

    listRollouts(projectId, { model, limit, before }) {
      let query = selectRollouts().where('project_id', '=', projectId);
      if (model !== undefined) query = query.where('rollouts.model', '=', model);
      if (before !== undefined) query = query.where('rollouts.id', '<', before);
      return read(query.orderBy('rollouts.id', 'desc').limit(limit));
    },

    async listStates(projectId, rolloutId) {
      const query = builder
        .selectFrom('rollout_states')
        .innerJoin('rollouts', 'rollouts.id', 'rollout_states.rollout_id')
        .selectAll('rollout_states')
        .where('project_id', '=', projectId)
        .where('rollout_states.rollout_id', '=', rolloutId)
        .orderBy('revision');
      return (await db.query(compileStatement(query))).map(toRolloutState);
    },
  };
}
