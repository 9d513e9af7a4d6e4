import type { KeyRepository } from '@scarmonit/core/ports/key-repository';
import type { Session, SessionRepository } from '@scarmonit/core/ports/session-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

interface Repositories {
  readonly sessions: SessionRepository;
  readonly keys: KeyRepository;
}

const session: Session = {
  sha256: 'a'.repeat(64),
  projectId: 'default',
  keyId: '01',
  createdAt: 1_700_000_000_000,
  expiresAt: 1_700_000_600_000,
};

/** What every session repository must do. @param open makes an empty one that knows the project `default` */
export function testSessionRepository(name: string, open: () => Promise<OpenedRepository<Repositories>>): void {
  describe(`session repository: ${name}`, () => {
    let opened: OpenedRepository<Repositories>;
    let sessions: SessionRepository;
    beforeEach(async () => {
      opened = await open();
      sessions = opened.repository.sessions;
      await opened.repository.keys.insert({
        id: '01',
        projectId: 'default',
        name: 'portal',
        prefix: 'sk-scarmonit-abcd',
        sha256: 'b'.repeat(64),
        scopes: ['admin'],
        createdAt: 1_700_000_000_000,
      });
    });
    afterEach(() => opened.close());

    it('gives back a session as it was', async () => {
      await sessions.insert(session);
      expect(await sessions.find(session.sha256)).toEqual(session);
      expect(await sessions.find('c'.repeat(64))).toBeUndefined();
    });

    it('refuses a second session of the same token, and one of a key that is not there', async () => {
      await sessions.insert(session);
      await expect(sessions.insert(session)).rejects.toThrow(Error);
      await expect(sessions.insert({ ...session, sha256: 'c'.repeat(64), keyId: '02' })).rejects.toThrow(Error);
    });

    it('deletes one, and does not mind when it is gone', async () => {
      await sessions.insert(session);
      await sessions.delete(session.sha256);
      await sessions.delete(session.sha256);
      expect(await sessions.find(session.sha256)).toBeUndefined();
    });

    it('deletes what has expired, to the millisecond', async () => {
      await sessions.insert(session);
      await sessions.deleteExpired(session.expiresAt - 1);
      expect(await sessions.find(session.sha256)).toEqual(session);
      await sessions.deleteExpired(session.expiresAt);
      expect(await sessions.find(session.sha256)).toBeUndefined();
    });
  });
}
