import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { SandboxStores } from '@scarmonit/core/rollouts/self-test/sandbox-store';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createRolloutStores } from '../compose-rollouts.ts';

/**
 * The host's own tables and queries over a database in memory: nothing of it reaches a file, and what a process that dies
 * leaves behind is nothing.
 */
export async function openSandboxStores(clock: Clock): Promise<SandboxStores> {
  const database = openSqlite(':memory:');
  await migrate(database, clock);
  const store = { ...createRolloutStores(database), predictions: createPredictionRepository(database) };
  return {
    kind: 'SQLite in memory',
    open: async (projectId) => {
      await database.query({
        sql: 'insert into projects (id, name) values (?, ?)',
        parameters: [projectId, projectId],
      });
      return store;
    },
    close: () => database.close(),
  };
}
