import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import type { ApiKey, Scope } from '../keys/api-key.ts';
import type { Session, SessionRepository } from '../ports/session-repository.ts';
import { createSessionService } from './session-service.ts';

const dayMs = 86_400_000;

/** A service over memory with one key. @param change what is special about the key */
function open(change: Partial<ApiKey> = {}) {
  const clock = createFakeClock();
  const key: ApiKey = {
    id: 'key-1',
    projectId: 'default',
    name: 'on call',
    prefix: 'sk-',
    sha256: 'aa',
    scopes: ['read'],
    createdAt: clock.now(),
    ...change,
  };
  const keys: ApiKey[] = [key];
  const rows = new Map<string, Session>();
  const repository: SessionRepository = {
    insert: async (session) => void rows.set(session.sha256, session),
    find: async (sha256) => rows.get(sha256),
    delete: async (sha256) => void rows.delete(sha256),
    deleteExpired: async (now) => {
      for (const [sha256, { expiresAt }] of rows) if (expiresAt <= now) rows.delete(sha256);
    },
  };
  let made = 0;
  const sessions = createSessionService({
    repository,
    keys: { authenticate: (_secret: string | undefined, _scope: Scope) => key, list: async () => keys },
    clock,
    ids: {
      randomBytes: (bytes) => {
        made += 1;
        return new Uint8Array(bytes).fill(made);
      },
    },
    hash: { sha256Hex: (text) => `hash of ${text}` },
  });
  return { clock, key, keys, rows, sessions };
}

describe('sessions', () => {
  it('stand for the key, and keep nothing of the token but its hash', async () => {
    const { sessions, rows, key, clock } = open();
    const { token, expiresAt } = await sessions.open('sk-secret');
    expect(token).toBe('01'.repeat(32));
    expect(expiresAt).toBe(clock.now() + 7 * dayMs);
    expect([...rows.keys()]).toEqual([`hash of ${token}`]);
    expect(await sessions.authenticate(token, 'read')).toBe(key);
  });

  it('refuse what the key may not do', async () => {
    const { sessions } = open();
    const { token } = await sessions.open('sk-secret');
    await expect(sessions.authenticate(token, 'admin')).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('end after a week, or with the key that expires before', async () => {
    const { sessions, clock } = open();
    const { token } = await sessions.open('sk-secret');
    await clock.advance(7 * dayMs - 1);
    await sessions.authenticate(token, 'read');
    await clock.advance(1);
    await expect(sessions.authenticate(token, 'read')).rejects.toMatchObject({ code: 'session_ended' });

    const soon = open({ expiresAt: createFakeClock().now() + dayMs });
    expect((await soon.sessions.open('sk-secret')).expiresAt).toBe(soon.clock.now() + dayMs);
  });

  it('end at sign-out, and other sessions of the key go on', async () => {
    const { sessions } = open();
    const one = await sessions.open('sk-secret');
    const other = await sessions.open('sk-secret');
    await sessions.close(one.token);
    await expect(sessions.authenticate(one.token, 'read')).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect((await sessions.authenticate(other.token, 'read')).id).toBe('key-1');
  });

  it('end when the key is revoked', async () => {
    const { sessions, keys, key, clock } = open();
    const { token } = await sessions.open('sk-secret');
    keys[0] = { ...key, revokedAt: clock.now() };
    await expect(sessions.authenticate(token, 'read')).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('that are over are cleared away when somebody signs in', async () => {
    const { sessions, rows, clock } = open();
    await sessions.open('sk-secret');
    await clock.advance(8 * dayMs);
    await sessions.open('sk-secret');
    expect(rows.size).toBe(1);
  });
});
