import type { Hash } from '../ports/hash.ts';

/** Keys in use at once for which a request costs no hash. */
const most = 1_000;

/**
 * SHA-256 of secrets, remembered for those that turned out to be keys: hashing one is a noticeable part of what a gateway
 * does for a request. What strangers send is never kept, so they cannot push keys out.
 */
export interface DigestCache {
  digest(secret: string): string;
  /** Remembers a digest; beyond a thousand the oldest is forgotten. */
  keep(secret: string, sha256: string): void;
}

export function createDigestCache(hash: Hash): DigestCache {
  const kept = new Map<string, string>();
  return {
    digest: (secret) => kept.get(secret) ?? hash.sha256Hex(secret),
    keep(secret, sha256) {
      if (kept.has(secret)) return;
      if (kept.size === most) {
        for (const oldest of kept.keys()) {
          kept.delete(oldest);
          break;
        }
      }
      kept.set(secret, sha256);
    },
  };
}
