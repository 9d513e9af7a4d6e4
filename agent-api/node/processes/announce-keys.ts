import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { KeyRepository } from '@scarmonit/core/ports/key-repository';

/** Who must know of keys before those who changed them are answered. Resolve when every process knows. */
export interface KeyFollowers {
  addKey(key: ApiKey): Promise<void>;
  revokeKey(revoked: { readonly id: string; readonly revokedAt: number }): Promise<void>;
}

/**
 * Keys at rest, whose changes other processes hear of. A new key is usable nowhere before it is durable; a revoked one is
 * shut out everywhere even while the store hangs.
 */
export function announceKeys(repository: KeyRepository, followers: KeyFollowers): KeyRepository {
  return {
    list: (projectId) => repository.list(projectId),
    insert: async (key) => {
      await repository.insert(key);
      await followers.addKey(key);
    },
    revoke: async (projectId, id, revokedAt) => {
      const [isRevoked] = await Promise.all([
        repository.revoke(projectId, id, revokedAt),
        followers.revokeKey({ id, revokedAt }),
      ]);
      return isRevoked;
    },
  };
}
