import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { KeyRepository } from '@scarmonit/core/ports/key-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const smallest: ApiKey = {
  id: '01',
  projectId: 'default',
  name: 'smallest',
  prefix: 'sk-scarmonit-abcd',
  sha256: 'a'.repeat(64),
  scopes: ['infer'],
  createdAt: 1_700_000_000_000,
};

const fullest: ApiKey = {
  id: '02',
  projectId: 'default',
  name: 'fullest “quoted” \u{1F511}',
  prefix: 'sk-scarmonit-efgh',
  sha256: 'b'.repeat(64),
  scopes: ['infer', 'read', 'admin'],
  models: ['support-chat', 'a,b'],
  requestsPerMinute: 60,
  tokensPerMinute: 100_000,
  createdAt: 1_700_000_000_001,
  expiresAt: 1_800_000_000_000,
};

/** What every key repository must do. @param open makes an empty one that knows the project `default` */
export function testKeyRepository(name: string, open: () => Promise<OpenedRepository<KeyRepository>>): void {
  describe(`key repository: ${name}`, () => {
    let opened: OpenedRepository<KeyRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('is empty at first', async () => {
      expect(await opened.repository.list('default')).toEqual([]);
    });

    it('gives back keys as they were, the oldest first', async () => {
      await opened.repository.insert(fullest);
      await opened.repository.insert(smallest);
      expect(await opened.repository.list('default')).toEqual([smallest, fullest]);
    });

    it('keeps projects apart', async () => {
      await opened.repository.insert(smallest);
      expect(await opened.repository.list('other')).toEqual([]);
      expect(await opened.repository.revoke('other', smallest.id, 5)).toBe(false);
      expect(await opened.repository.list('default')).toEqual([smallest]);
    });

    it('refuses a second key with the same secret or the same id', async () => {
      await opened.repository.insert(smallest);
      await expect(opened.repository.insert({ ...fullest, sha256: smallest.sha256 })).rejects.toThrow(Error);
      await expect(opened.repository.insert({ ...fullest, id: smallest.id })).rejects.toThrow(Error);
      expect(await opened.repository.list('default')).toEqual([smallest]);
    });

    it('refuses a key of a project that does not exist', async () => {
      await expect(opened.repository.insert({ ...smallest, projectId: 'other' })).rejects.toThrow(Error);
    });

    it('revokes once, and the first time stays', async () => {
      await opened.repository.insert(smallest);
      expect(await opened.repository.revoke('default', smallest.id, 1_700_000_000_500)).toBe(true);
      expect(await opened.repository.revoke('default', smallest.id, 1_700_000_000_900)).toBe(false);
      expect(await opened.repository.list('default')).toEqual([{ ...smallest, revokedAt: 1_700_000_000_500 }]);
    });

    it('says false for a key that is not there', async () => {
      expect(await opened.repository.revoke('default', 'none', 1)).toBe(false);
    });
  });
}
