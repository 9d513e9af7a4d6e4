import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { answer, completion } from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, describe, expect, it } from 'vitest';
import { Opened, patience } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

/** As a backup tool or another process does it that holds the database and does not let go. */
function holdDatabase(path: string): { release(): void } {
  const database = new DatabaseSync(path);
  database.exec('BEGIN EXCLUSIVE');
  return {
    release: () => {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

describe('a database that stalls', () => {
  it('fails no request and no check of a key, and no record is lost', async () => {
    const gateway = await opened.gateway();
    await gateway.serve({ upstreams: [await opened.upstream(answer(200, completion('Hello')))] });
    const [infers, leaked] = [await gateway.makeKey(), await gateway.makeKey()];
    const held = holdDatabase(join(gateway.dataDir, 'scarmonit.db'));

    const asked: string[] = [];
    const slow: string[] = [];
    const ask = async (): Promise<void> => {
      const requestId = `during-${asked.length}`;
      asked.push(requestId);
      const startedAt = performance.now();
      const response = await gateway.chat({}, { key: infers.secret, headers: { 'x-request-id': requestId } });
      expect(response.status).toBe(200);
      await response.text();
      if (performance.now() - startedAt > 3_000) slow.push(requestId);
    };
    const refuse = async (key: string): Promise<number> => (await gateway.chat({}, { key })).status;

    await ask();
    // A leaked key is shut out at once; that this cannot be saved yet is another matter.
    const revoking = gateway.admin(`/keys/${leaked.id}`, { method: 'DELETE' }).then(
      () => 'saved',
      () => 'not saved',
    );
    await expect.poll(() => refuse(leaked.secret), patience).toBe(401);
    // Until the store has given up at least once on what it was to write.
    while (!gateway.output().includes('request records could not be written')) {
      await ask();
      expect(await refuse('sk-scarmonit-nobody-has-this-one-0000000000000')).toBe(401);
      await new Promise(setImmediate);
    }
    await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status, patience).toBe(503);
    await ask();
    expect(slow).toEqual([]);

    held.release();
    await revoking;
    await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status, patience).toBe(200);
    expect(await refuse(leaked.secret)).toBe(401);
    const readRecords = (): readonly string[] => {
      const database = new DatabaseSync(join(gateway.dataDir, 'scarmonit.db'), { readOnly: true });
      const rows = database.prepare("SELECT request_id AS id FROM predictions WHERE request_id LIKE 'during-%'").all();
      database.close();
      return rows.map(({ id }) => String(id));
    };
    await expect.poll(() => readRecords().length, patience).toBe(asked.length);
    expect(new Set(readRecords())).toEqual(new Set(asked));
  });
});
