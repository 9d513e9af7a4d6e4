import type { ApiKey } from './api-key.ts';

/** All keys in memory, found by the hash of their secret. Keys are never forgotten, only revoked. */
export interface KeyRing {
  find(sha256: string): ApiKey | undefined;
  /** Adds a key or takes over what changed. A key that is revoked here stays so, whatever an older copy says. */
  put(key: ApiKey): void;
  values(): Iterable<ApiKey>;
}

export function createKeyRing(): KeyRing {
  const keys = new Map<string, ApiKey>();
  return {
    find: (sha256) => keys.get(sha256),
    put(key) {
      const revokedAt = keys.get(key.sha256)?.revokedAt;
      keys.set(key.sha256, revokedAt === undefined || key.revokedAt !== undefined ? key : { ...key, revokedAt });
    },
    values: () => keys.values(),
  };
}
