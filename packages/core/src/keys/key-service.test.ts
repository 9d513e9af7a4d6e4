import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import type { KeyRepository } from '../ports/key-repository.ts';
import type { RateLimits, Reservation } from '../ports/rate-limiter.ts';
import type { ApiKey } from './api-key.ts';
import { createKeyService, type HostedKeyService } from './key-service.ts';

interface Rows extends KeyRepository {
  readonly rows: Map<string, ApiKey>;
}

function createRows(): Rows {
  const rows = new Map<string, ApiKey>();
  return {
    rows,
    list: async (projectId) => [...rows.values()].filter((key) => key.projectId === projectId),
    insert: async (key) => void rows.set(key.id, key),
    revoke: async (_projectId, id, revokedAt) => {
      const key = rows.get(id);
      if (key === undefined || key.revokedAt !== undefined) return false;
      rows.set(id, { ...key, revokedAt });
      return true;
    },
  };
}

const never = () => new Promise<never>(() => undefined);
const stalled: KeyRepository = { list: never, insert: never, revoke: never };

let clock: FakeClock;
let repository: Rows;
let keys: HostedKeyService;
let reservations: { keyId: string; limits: RateLimits; tokens: number }[];
let counter: number;

const createService = (rows: KeyRepository) =>
  createKeyService({
    repository: rows,
    clock,
    ids: {
      next: () => `id-${++counter}`,
      randomBytes: (bytes) => Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + counter) % 256),
    },
    // Not a hash, but a function of the text; the real one is tested with its adapter.
    hash: { sha256Hex: (text) => `hash of ${text}` },
    limiter: {
      reserve: (keyId, limits, tokens): Reservation => {
        reservations.push({ keyId, limits, tokens });
        return { allowed: true, retryAfterMs: 0, settle: () => undefined };
      },
    },
    projectId: 'default',
  });

beforeEach(() => {
  counter = 0;
  clock = createFakeClock();
  repository = createRows();
  reservations = [];
  keys = createService(repository);
});

describe('authenticate', () => {
  it('finds a key that was created, by its secret', async () => {
    const { key, secret } = await keys.create('default', { name: ' ci ', scopes: ['infer'] });
    expect(keys.authenticate(secret, 'infer')).toBe(key);
    expect(key).toMatchObject({ name: 'ci', projectId: 'default', scopes: ['infer'], createdAt: clock.now() });
  });

  it.each([undefined, ''])('asks for a key when there is none (%j)', (secret) => {
    expect(() => keys.authenticate(secret, 'infer')).toThrow(
      expect.objectContaining({ kind: 'unauthenticated', code: undefined, message: expect.stringContaining('Bearer') }),
    );
  });

  it('refuses a wrong key and shows a masked form of it only', () => {
    const wrong = 'sk-scarmonit-0123456789-a1b2';
    expect(() => keys.authenticate(wrong, 'infer')).toThrow(
      expect.objectContaining({
        kind: 'unauthenticated',
        code: 'invalid_api_key',
        message: 'Incorrect API key provided: sk-sc…a1b2.',
      }),
    );
  });

  it.each(['admin', 'read', 'infer'] as const)('lets an admin key do what needs %s', async (scope) => {
    const { key, secret } = await keys.create('default', { name: 'root', scopes: ['admin'] });
    expect(keys.authenticate(secret, scope)).toBe(key);
  });

  it('forbids what the scopes do not hold, and names the one that is missing', async () => {
    const { secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    expect(() => keys.authenticate(secret, 'read')).toThrow(
      expect.objectContaining({ kind: 'forbidden', message: expect.stringContaining('needs read') }),
    );
    expect(() => keys.authenticate(secret, 'admin')).toThrow(expect.objectContaining({ kind: 'forbidden' }));
  });

  it('refuses a key from the moment at which it expires', async () => {
    const { secret } = await keys.create('default', { name: 'x', scopes: ['infer'], expiresAt: clock.now() + 1_000 });
    await clock.advance(999);
    expect(() => keys.authenticate(secret, 'infer')).not.toThrow();
    await clock.advance(1);
    expect(() => keys.authenticate(secret, 'infer')).toThrow(
      expect.objectContaining({ code: 'invalid_api_key', message: expect.stringContaining('expired') }),
    );
  });

  it('answers from memory while the store never does', async () => {
    const { secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    repository.list = never;
    repository.insert = never;
    void keys.load();
    void keys.create('default', { name: 'waits', scopes: ['infer'] });
    expect(keys.authenticate(secret, 'infer')).toMatchObject({ name: 'app' });
  });
});

describe('create', () => {
  it('makes secrets of 256 bits that are kept nowhere, only their hash and first characters', async () => {
    const { key, secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    expect(secret).toMatch(/^sk-scarmonit-[0-9A-Za-z]{43}$/);
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect(key.prefix).toHaveLength(17);
    expect(repository.rows.get(key.id)).toEqual({ ...key, sha256: `hash of ${secret}` });
    expect(JSON.stringify({ ...key, sha256: '' })).not.toContain(secret.slice(20));
  });

  it('hands out no key before it is stored', async () => {
    repository.insert = () => Promise.reject(new Error('disk full'));
    await expect(keys.create('default', { name: 'app', scopes: ['infer'] })).rejects.toThrow('disk full');
    expect(await keys.list('default')).toEqual([]);
  });

  it('keeps limits and the list of models, without repeats', async () => {
    const { key } = await keys.create('default', {
      name: 'app',
      scopes: ['infer', 'infer'],
      models: ['a', 'b', 'a'],
      requestsPerMinute: 5,
      tokensPerMinute: 500,
    });
    expect(key).toMatchObject({ scopes: ['infer'], models: ['a', 'b'], requestsPerMinute: 5, tokensPerMinute: 500 });
  });

  it.each([
    [{ name: ' ' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['root' as 'admin'] }, 'scopes'],
    [{ models: [] }, 'models'],
    [{ models: [''] }, 'models'],
    [{ requestsPerMinute: 0 }, 'requestsPerMinute'],
    [{ tokensPerMinute: 1.5 }, 'tokensPerMinute'],
    [{ expiresAt: 1_700_000_000_000 }, 'expiresAt'],
    [{ expiresAt: Number.NaN }, 'expiresAt'],
  ])('refuses %j and names the field', async (change, param) => {
    const wanted = { name: 'app', scopes: ['infer' as const], ...change };
    await expect(keys.create('default', wanted)).rejects.toMatchObject({ kind: 'invalid_request', param });
    expect(repository.rows.size).toBe(0);
  });
});

describe('reserve', () => {
  it("hands the key's limits and the estimate to the limiter", async () => {
    const { key } = await keys.create('default', { name: 'app', scopes: ['infer'], requestsPerMinute: 5 });
    await keys.reserve(key, 30);
    expect(reservations).toMatchObject([{ keyId: key.id, limits: { requestsPerMinute: 5 }, tokens: 30 }]);
  });
});

describe('revoke', () => {
  it('shuts the key out at once and for good', async () => {
    const { key, secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    const revoked = await keys.revoke('default', key.id);
    expect(revoked).toEqual({ ...key, revokedAt: clock.now() });
    expect(() => keys.authenticate(secret, 'infer')).toThrow(
      expect.objectContaining({ code: 'invalid_api_key', message: expect.stringContaining('revoked') }),
    );
    const restarted = createService(repository);
    await restarted.load();
    expect(() => restarted.authenticate(secret, 'infer')).toThrow('revoked');
  });

  it('shuts the key out even while the store never answers', async () => {
    const { key, secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    repository.revoke = never;
    void keys.revoke('default', key.id);
    expect(() => keys.authenticate(secret, 'infer')).toThrow('revoked');
  });

  it('says when it could not be stored, and stores it when asked again', async () => {
    const { key } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    const { revoke } = repository;
    repository.revoke = () => Promise.reject(new Error('disk full'));
    await expect(keys.revoke('default', key.id)).rejects.toThrow('disk full');
    repository.revoke = revoke;
    const firstAttemptAt = clock.now();
    await clock.advance(5_000);
    expect((await keys.revoke('default', key.id)).revokedAt).toBe(firstAttemptAt);
    expect(repository.rows.get(key.id)?.revokedAt).toBe(firstAttemptAt);
  });

  it('keeps the time of the first revocation', async () => {
    const { key } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    const { revokedAt } = await keys.revoke('default', key.id);
    await clock.advance(5_000);
    expect((await keys.revoke('default', key.id)).revokedAt).toBe(revokedAt);
  });

  it('is not undone by a copy of the keys that was read before it', async () => {
    const { key, secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    const before = [...repository.rows.values()];
    let deliver: (rows: readonly ApiKey[]) => void = () => undefined;
    repository.list = () => new Promise((resolve) => (deliver = resolve));
    const loading = keys.load();
    await keys.revoke('default', key.id);
    deliver(before);
    await loading;
    expect(() => keys.authenticate(secret, 'infer')).toThrow('revoked');
  });

  it('finds a key that another process made since the last load', async () => {
    const { key } = await createService(repository).create('default', { name: 'app', scopes: ['infer'] });
    expect(await keys.revoke('default', key.id)).toMatchObject({ id: key.id, revokedAt: clock.now() });
  });

  it('does not find keys of other projects or none at all', async () => {
    const { key } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    await expect(keys.revoke('other', key.id)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(keys.revoke('default', 'none')).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('the first admin key', () => {
  it('is made once, shown once, and only its prefix later', async () => {
    const first = await keys.ensureBootstrapKey(undefined);
    expect(first).toMatchObject({ kind: 'created', secret: expect.stringMatching(/^sk-scarmonit-/) });
    expect(keys.authenticate(first.secret, 'admin')).toMatchObject({ prefix: first.prefix });

    const restarted = createService(repository);
    await restarted.load();
    expect(await restarted.ensureBootstrapKey(undefined)).toEqual({ kind: 'existing', prefix: first.prefix });
    expect(restarted.authenticate(first.secret, 'admin')).toBeDefined();
    expect(repository.rows.size).toBe(1);
  });

  it('is made again when no key that can administer is left', async () => {
    const first = await keys.ensureBootstrapKey(undefined);
    await keys.create('default', { name: 'app', scopes: ['infer'] });
    const admin = keys.authenticate(first.secret, 'admin');
    await keys.revoke('default', admin.id);
    expect(await keys.ensureBootstrapKey(undefined)).toMatchObject({ kind: 'created' });
  });

  it('is the configured secret, kept as its hash, however often the server starts', async () => {
    const configured = 'an-operators-own-secret';
    expect(await keys.ensureBootstrapKey(configured)).toEqual({ kind: 'configured', prefix: 'an-op' });
    const restarted = createService(repository);
    await restarted.load();
    expect(await restarted.ensureBootstrapKey(configured)).toEqual({ kind: 'configured', prefix: 'an-op' });
    expect(restarted.authenticate(configured, 'admin')).toMatchObject({ scopes: ['admin'] });
    expect(repository.rows.size).toBe(1);
  });

  it('refuses a configured secret that was revoked', async () => {
    await keys.ensureBootstrapKey('an-operators-own-secret');
    await keys.revoke('default', keys.authenticate('an-operators-own-secret', 'admin').id);
    await expect(keys.ensureBootstrapKey('an-operators-own-secret')).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('refuses a configured secret that is a lesser key', async () => {
    const { secret } = await keys.create('default', { name: 'app', scopes: ['infer'] });
    await expect(keys.ensureBootstrapKey(secret)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('"app" with the scope infer'),
    });
  });

  it.each(['', 'two words', 'naïve'])('refuses a configured secret that no client could send: %j', async (secret) => {
    await expect(keys.ensureBootstrapKey(secret)).rejects.toMatchObject({ kind: 'invalid_request' });
  });
});

it('starts without keys when nothing was loaded, whatever the store does', () => {
  expect(() => createService(stalled).authenticate('sk-scarmonit-unknown-key', 'infer')).toThrow('Incorrect API key');
});
