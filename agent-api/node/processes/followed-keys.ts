import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { KeyRepository } from '@scarmonit/core/ports/key-repository';

/** The keys as the primary tells of them, as a repository that only the primary writes to. */
export class FollowedKeys implements KeyRepository {
  readonly #keys = new Map<string, ApiKey>();
  readonly #revokedAt = new Map<string, number>();

  add(keys: readonly ApiKey[]): void {
    for (const key of keys) this.#keys.set(key.id, key);
  }

  /** Holds also for a key that is yet to be heard of. */
  markRevoked({ id, revokedAt }: { readonly id: string; readonly revokedAt: number }): void {
    this.#revokedAt.set(id, revokedAt);
  }

  async list(projectId: string): Promise<readonly ApiKey[]> {
    return [...this.#keys.values()]
      .filter((key) => key.projectId === projectId)
      .map((key) => {
        const revokedAt = key.revokedAt ?? this.#revokedAt.get(key.id);
        return revokedAt === undefined ? key : { ...key, revokedAt };
      });
  }

  insert(): Promise<void> {
    return Promise.reject(notHere());
  }

  revoke(): Promise<boolean> {
    return Promise.reject(notHere());
  }
}

function notHere(): ScarmonitError {
  return new ScarmonitError('internal', 'Keys are changed by the primary process alone.');
}
