import type { Hash } from '../ports/hash.ts';

/** Who is behind a request: the end user that the application names, else the application's key. */
export interface RequestOrigin {
  readonly projectId: string;
  readonly keyId: string;
  /** The request's `user` field. */
  readonly user?: string | undefined;
}

/** End users for whom a request costs no hash. */
const most = 10_000;

/**
 * Names end users by a hash that tells nothing of them: lower-case hex SHA-256 of the project and the user, or the key.
 * A `user` and a key of the same name are two.
 */
export function createEndUserDigest(hash: Hash): (origin: RequestOrigin) => string {
  const digests = new Map<string, string>();
  return ({ projectId, keyId, user }) => {
    const name = user === undefined || user === '' ? `${projectId}\nkey\n${keyId}` : `${projectId}\nuser\n${user}`;
    let digest = digests.get(name);
    if (digest === undefined) {
      // Made anew rather than tidied: which ten thousand are kept does not matter.
      if (digests.size >= most) digests.clear();
      digest = hash.sha256Hex(name);
      digests.set(name, digest);
    }
    return digest;
  };
}
