import type { ApiKey } from '../keys/api-key.ts';

/** API keys at rest. Writes are durable when the promise resolves (they survive `kill -9`). */
export interface KeyRepository {
  list(projectId: string): Promise<readonly ApiKey[]>;
  insert(key: ApiKey): Promise<void>;
  /** @returns false when there is no such key or it was revoked before; the first revocation's time stays. */
  revoke(projectId: string, id: string, revokedAt: number): Promise<boolean>;
}
