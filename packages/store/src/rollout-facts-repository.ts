import type { Arm, EventKind, Unit } from '@scarmonit/core/gates/facts';
import type { RolloutFactsRepository } from '@scarmonit/core/ports/rollout-facts-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** A flush that was sent again may still arrive when later ones are in: so many of a source are known by number. */
const rememberedFlushes = 100;

/** Facts of rollouts in SQL: one row a counter, added to in place. */
export function createRolloutFactsRepository(db: SqlDatabase): RolloutFactsRepository {
  const builder = createQueryBuilder(db.dialect);

  const isIn = async (rolloutId: string, source: string, sequence: number): Promise<boolean> => {
    const query = builder
      .selectFrom('rollout_flushes')
      .select('sequence')
      .where('rollout_id', '=', rolloutId)
      .where('source', '=', source)
      .where('sequence', '=', sequence);
    return (await db.query(compileStatement(query))).length > 0;
  };

  return {
    async add({ rolloutId, source, sequence, exposures, buckets, crashes, sightings }) {
      const rollout_id = rolloutId;
      const statements = [
        // First: a flush that is in already fails here and takes the whole batch with it.
        builder.insertInto('rollout_flushes').values({ rollout_id, source, sequence }),
        builder
          .deleteFrom('rollout_flushes')
          .where('rollout_id', '=', rolloutId)
          .where('source', '=', source)
          .where('sequence', '<', sequence - rememberedFlushes),
        ...exposures.map((exposure) =>
          builder
            .insertInto('rollout_exposures')
            .values({ rollout_id, ...exposure })
            .onConflict((conflict) =>
              conflict.columns(['rollout_id', 'revision', 'arm', 'event', 'unit']).doUpdateSet({
                exposed: sql`rollout_exposures.exposed + excluded.exposed`,
                events: sql`rollout_exposures.events + excluded.events`,
              }),
            ),
        ),
        ...buckets.map((bucket) =>
          builder
            .insertInto('rollout_buckets')
            .values({ rollout_id, ...bucket })
            .onConflict((conflict) =>
              conflict
                .columns(['rollout_id', 'revision', 'arm', 'event', 'requests', 'events'])
                .doUpdateSet({ buckets: sql`rollout_buckets.buckets + excluded.buckets` }),
            ),
        ),
        builder
          .insertInto('rollout_crashes')
          .values({ rollout_id, crashes })
          .onConflict((conflict) =>
            conflict.column('rollout_id').doUpdateSet({ crashes: sql`rollout_crashes.crashes + excluded.crashes` }),
          ),
        ...sightings.map(({ key, happened, ...sighting }) =>
          builder
            .insertInto('rollout_sightings')
            .values({ rollout_id, ...sighting, happened: happened ? 1 : 0, key_hash: key })
            .onConflict((conflict) => conflict.columns(['rollout_id', 'event', 'happened', 'key_hash']).doNothing()),
        ),
      ];
      try {
        await db.batch(statements.map(compileStatement));
      } catch (error) {
        if (await isIn(rolloutId, source, sequence)) return;
        throw error;
      }
    },

    async sum(rolloutId) {
      const [exposures = [], buckets = [], crashes = [], keys = []] = await db.batch(
        [
          builder.selectFrom('rollout_exposures').selectAll().where('rollout_id', '=', rolloutId),
          builder
            .selectFrom('rollout_buckets')
            .selectAll()
            .where('rollout_id', '=', rolloutId)
            .where('buckets', '!=', 0),
          builder.selectFrom('rollout_crashes').selectAll().where('rollout_id', '=', rolloutId),
          builder
            .selectFrom('rollout_sightings')
            .select(({ fn }) => ['revision', 'weight', 'arm', 'event', 'happened', fn.countAll<number>().as('keys')])
            .where('rollout_id', '=', rolloutId)
            .groupBy(['revision', 'weight', 'arm', 'event', 'happened']),
        ].map(compileStatement),
      );
      const [crashed] = crashes;
      return {
        exposures: [
          ...exposures.map((row) => ({
            revision: readNumber(row, 'revision'),
            weight: readNumber(row, 'weight'),
            arm: readText(row, 'arm') as Arm,
            event: readText(row, 'event') as EventKind,
            unit: readText(row, 'unit') as Unit,
            exposed: readNumber(row, 'exposed'),
            events: readNumber(row, 'events'),
          })),
          ...keys.map((row) => ({
            revision: readNumber(row, 'revision'),
            weight: readNumber(row, 'weight'),
            arm: readText(row, 'arm') as Arm,
            event: readText(row, 'event') as EventKind,
            unit: 'key' as const,
            exposed: readNumber(row, 'happened') === 0 ? readNumber(row, 'keys') : 0,
            events: readNumber(row, 'happened') === 1 ? readNumber(row, 'keys') : 0,
          })),
        ],
        buckets: buckets.map((row) => ({
          revision: readNumber(row, 'revision'),
          arm: readText(row, 'arm') as Arm,
          event: readText(row, 'event') as EventKind,
          requests: readNumber(row, 'requests'),
          events: readNumber(row, 'events'),
          buckets: readNumber(row, 'buckets'),
        })),
        crashes: crashed === undefined ? 0 : readNumber(crashed, 'crashes'),
      };
    },
  };
}
