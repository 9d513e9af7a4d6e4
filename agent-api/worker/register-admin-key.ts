import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { createKeyService } from '@scarmonit/core/keys/key-service';
import { log } from './log.ts';

type Keys = Pick<ReturnType<typeof createKeyService>, 'load' | 'ensureBootstrapKey'>;

/**
 * Two isolates that start at once both want to register it; the one that comes second finds it there. A key that was
 * revoked since stays revoked, and is no reason not to serve those who have others.
 */
export async function registerAdminKey(keys: Keys, adminKey: string): Promise<void> {
  const register = (): Promise<unknown> => keys.ensureBootstrapKey(adminKey);
  await register()
    .catch(() => keys.load().then(register))
    .catch((error: unknown) => {
      if (!(error instanceof ScarmonitError && error.kind === 'conflict')) throw error;
      log('warn', 'the secret API_KEY is no key that can be used', { error });
    });
}
