import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hash } from '../ports/hash.ts';
import type { Ids } from '../ports/ids.ts';
import type { KeyRepository } from '../ports/key-repository.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { KeyService, NewApiKey } from '../services/agent-services.ts';
import type { ApiKey } from './api-key.ts';
import { checkConfiguredSecret, findAdminKey } from './bootstrap-key.ts';
import { checkKey } from './check-key.ts';
import { checkNewKey } from './check-new-key.ts';
import { createDigestCache } from './digest-cache.ts';
import { createKeyRing } from './key-ring.ts';
import { makeSecret, prefixOf } from './secret.ts';

export interface KeyServiceParts {
  readonly repository: KeyRepository;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly limiter: RateLimiter;
  /** The project whose keys are loaded and that the first admin key belongs to. */
  readonly projectId: string;
}

/** A {@link KeyService} with what the host does with it at start. */
export interface HostedKeyService extends KeyService {
  /** Fills the memory from the repository. Call it before serving; calling it again takes over what others changed. */
  load(): Promise<void>;
  /**
   * Makes sure that someone can administer. Call it after {@link load}.
   * @param secret the admin key that the operator configured: it is registered by its hash. Without one, a key is made
   *   when no usable admin key is there.
   * @throws ScarmonitError `conflict` when the configured key was revoked or is a lesser key, `invalid_request` when no
   *   client could send it
   */
  ensureBootstrapKey(secret: string | undefined): Promise<BootstrapKey>;
}

/** The admin key that a server starts with. */
export interface BootstrapKey {
  /** `configured`: the operator gave it. `created`: there was none, so it was made. `existing`: it is from before. */
  readonly kind: 'configured' | 'created' | 'existing';
  readonly prefix: string;
  /** Of a key that was just created: to be shown once, it is kept nowhere. */
  readonly secret?: string;
}

/**
 * Keys, checked from memory alone: a request costs two look-ups, and a hash when its key is new, and a database that stalls or is gone
 * changes nothing for keys that are loaded.
 */
export function createKeyService(parts: KeyServiceParts): HostedKeyService {
  const { repository, clock, ids, hash, limiter, projectId } = parts;
  const ring = createKeyRing();
  const digests = createDigestCache(hash);

  const load = async (): Promise<void> => {
    for (const key of await repository.list(projectId)) ring.put(key);
  };

  // Durable first, usable then: a key that was handed out is never forgotten by a crash.
  const register = async (owner: string, secret: string, wanted: NewApiKey): Promise<ApiKey> => {
    const key = toKey(owner, secret, wanted);
    await repository.insert(key);
    ring.put(key);
    return key;
  };

  const toKey = (owner: string, secret: string, wanted: NewApiKey): ApiKey => ({
    id: ids.next(),
    projectId: owner,
    name: wanted.name.trim(),
    prefix: prefixOf(secret),
    sha256: hash.sha256Hex(secret),
    scopes: [...new Set(wanted.scopes)],
    ...(wanted.models === undefined ? {} : { models: [...new Set(wanted.models)] }),
    ...(wanted.requestsPerMinute === undefined ? {} : { requestsPerMinute: wanted.requestsPerMinute }),
    ...(wanted.tokensPerMinute === undefined ? {} : { tokensPerMinute: wanted.tokensPerMinute }),
    createdAt: clock.now(),
    ...(wanted.expiresAt === undefined ? {} : { expiresAt: wanted.expiresAt }),
  });

  return {
    authenticate(secret, scope) {
      if (secret === undefined || secret === '') {
        throw new ScarmonitError(
          'unauthenticated',
          "You didn't provide an API key. Send it in the Authorization header: Authorization: Bearer YOUR_KEY.",
        );
      }
      const sha256 = digests.digest(secret);
      const key = checkKey(secret, ring.find(sha256), scope, clock.now());
      digests.keep(secret, sha256);
      return key;
    },

    reserve: (key, estimatedTokens) => limiter.reserve(key.id, key, estimatedTokens),

    async create(owner, wanted) {
      checkNewKey(wanted, clock.now());
      const secret = makeSecret(ids.randomBytes);
      return { key: await register(owner, secret, wanted), secret };
    },

    list: (owner) => repository.list(owner),

    async revoke(owner, id) {
      const find = () => [...ring.values()].find((key) => key.id === id && key.projectId === owner);
      let known = find();
      if (known === undefined) {
        // Another process may have made it.
        await load();
        known = find();
      }
      if (known === undefined) throw new ScarmonitError('not_found', `There is no API key with the id ${id}.`);
      const revoked = { ...known, revokedAt: known.revokedAt ?? clock.now() };
      // Memory first: a leaked key is shut out even while the store hangs, and the caller hears it when saving failed.
      ring.put(revoked);
      await repository.revoke(owner, id, revoked.revokedAt);
      return revoked;
    },

    load,

    async ensureBootstrapKey(configured) {
      const now = clock.now();
      if (configured !== undefined) {
        const known = ring.find(hash.sha256Hex(configured));
        checkConfiguredSecret(configured, known, now);
        const wanted: NewApiKey = { name: 'configured admin', scopes: ['admin'] };
        const key = known ?? (await register(projectId, configured, wanted));
        return { kind: 'configured', prefix: key.prefix };
      }
      const existing = findAdminKey(ring.values(), now);
      if (existing !== undefined) return { kind: 'existing', prefix: existing.prefix };
      const secret = makeSecret(ids.randomBytes);
      const key = await register(projectId, secret, { name: 'first admin', scopes: ['admin'] });
      return { kind: 'created', prefix: key.prefix, secret };
    },
  };
}
