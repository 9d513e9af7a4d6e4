import type { Clock } from '@scarmonit/core/ports/clock';
import type { Hash } from '@scarmonit/core/ports/hash';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { KeyService } from '@scarmonit/core/services/agent-services';
import { createSessionService } from '@scarmonit/core/sessions/session-service';
import { type ChangeWatchParts, createChangeWatch } from '@scarmonit/core/sessions/watch-changes';
import type { PortalOptions } from '@scarmonit/server/app-parts';
import { createChangeRepository } from '@scarmonit/store/change-repository';
import { createSessionRepository } from '@scarmonit/store/session-repository';
import { log } from './log.ts';
import { openPortalPage } from './portal-page.ts';

/** Each look reads rows of D1, which are billed. */
const lookEveryMs = 5000;

export interface PortalParts {
  readonly database: SqlDatabase;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  /** The built portal; absent where the worker runs without it. */
  readonly assets: Fetcher | undefined;
}

/** Sessions, live changes and the page for browsers; the platform serves the portal's other files itself. */
export function composePortal({ database, keys, clock, ids, hash, assets }: PortalParts): PortalOptions {
  return {
    host: 'cloudflare',
    ...(assets === undefined ? {} : { files: openPortalPage(assets) }),
    sessions: createSessionService({ repository: createSessionRepository(database), keys, clock, ids, hash }),
    changes: watchForEach({
      repository: createChangeRepository(database),
      clock,
      everyMs: lookEveryMs,
      onError: (error) => log('warn', 'the store could not be looked at for changes; it is tried again', { error }),
    }),
  };
}

/** A timer ends with the request that set it, so nobody can look on behalf of another. */
function watchForEach(parts: ChangeWatchParts): PortalOptions['changes'] {
  return {
    watch: (projectId, watcher) => createChangeWatch(parts).watch(projectId, watcher),
    close: () => undefined,
  };
}
