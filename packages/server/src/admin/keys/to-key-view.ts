import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { Key } from '@scarmonit/protocol/admin/key';

/** A key as it may be shown: neither its hash nor its project. */
export function toKeyView(key: ApiKey): Key {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    models: key.models === undefined ? null : [...key.models],
    requestsPerMinute: key.requestsPerMinute ?? null,
    tokensPerMinute: key.tokensPerMinute ?? null,
    createdAt: key.createdAt,
    expiresAt: key.expiresAt ?? null,
    revokedAt: key.revokedAt ?? null,
  };
}
