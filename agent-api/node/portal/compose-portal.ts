import { join } from 'node:path';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { KeyService } from '@scarmonit/core/services/agent-services';
import { createSessionService } from '@scarmonit/core/sessions/session-service';
import { createChangeWatch } from '@scarmonit/core/sessions/watch-changes';
import type { PortalOptions } from '@scarmonit/server/app-parts';
import { createChangeRepository } from '@scarmonit/store/change-repository';
import { createSessionRepository } from '@scarmonit/store/session-repository';
import type { Logger } from 'pino';
import { buildPortal } from './build-portal.ts';
import { openPortalFiles } from './open-portal-files.ts';

/** The portal's own folder, beside the hosts. */
const portalFolder = join(import.meta.dirname, '..', '..', '..', 'web-portal');
const lookEveryMs = 1000;

export interface PortalParts {
  readonly database: SqlDatabase;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What browsers need of this host. */
export interface NodePortal extends PortalOptions {
  /** Builds the portal's files where they are missing or old. Called once the host serves, or by the first who asks for them. */
  prepare(): void;
}

/** Sessions, live changes and the portal's files on this host. Costs a start nothing. */
export function composePortal({ database, keys, clock, logger }: PortalParts): NodePortal {
  const parts = { keys, clock, ids: createSystemIds(), hash: createNodeHash() };
  let built: Promise<string> | undefined;
  const build = (): Promise<string> => {
    built ??= buildPortal({ folder: portalFolder, onProgress: (message) => logger.info(message) });
    return built;
  };
  return {
    host: 'node',
    sessions: createSessionService({ repository: createSessionRepository(database), ...parts }),
    changes: createChangeWatch({
      repository: createChangeRepository(database),
      clock,
      everyMs: lookEveryMs,
      onError: (error) => logger.error({ err: error }, 'the store could not be looked at for changes'),
    }),
    files: openPortalFiles(build),
    prepare: () => {
      build().catch((error: unknown) => logger.error({ err: error }, 'the web portal could not be built'));
    },
  };
}
