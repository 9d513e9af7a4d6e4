import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { migrations } from '@scarmonit/store/migrations/migrations';
import type { Check } from './finding.ts';

export const checkStore: Check = async ({ config }) => {
  const path = join(config.dataDir, 'scarmonit.db');
  if (!existsSync(path)) return [{ status: 'ok', message: `No store yet; the first start makes ${path}.` }];
  const database = openSqlite(path);
  try {
    const damage = await database.findDamage();
    if (damage.length > 0) {
      const fix = `Stop the server, put back a copy of ${path} from a backup, or move it away to begin anew (keys are lost).`;
      return [{ status: 'fail', message: `The store is damaged: ${damage[0]}.`, fix }];
    }
    const rows = await database.query({ sql: 'select max(version) as version from schema_migrations', parameters: [] });
    const version = Number(rows[0]?.version ?? 0);
    const newest = migrations.at(-1)?.version ?? 0;
    if (version > newest) {
      const fix = 'Start the newer build that wrote it, or choose another directory with SCARMONIT_DATA_DIR.';
      return [{ status: 'fail', message: `The store has schema ${version}; this build knows up to ${newest}.`, fix }];
    }
    const state = version === newest ? 'which is current' : `which the next start brings to ${newest}`;
    return [{ status: 'ok', message: `The store is sound; it has schema ${version}, ${state}.` }];
  } finally {
    await database.close();
  }
};
