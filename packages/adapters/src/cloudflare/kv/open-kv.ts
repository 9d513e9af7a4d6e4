import type { KeyValueStore } from '@scarmonit/core/ports/key-value-store';

/** Workers KV takes no shorter life (developers.cloudflare.com/kv/api/write-key-value-pairs). */
const shortestTtlSeconds = 60;

/** The key-value port on Workers KV. */
export function openKv(namespace: KVNamespace): KeyValueStore {
  return {
    get: async (name) => (await namespace.get(name)) ?? undefined,
    put: (name, text, expiresAfterMs) =>
      expiresAfterMs === undefined
        ? namespace.put(name, text)
        : namespace.put(name, text, {
            expirationTtl: Math.max(shortestTtlSeconds, Math.ceil(expiresAfterMs / 1_000)),
          }),
    delete: (name) => namespace.delete(name),
  };
}
