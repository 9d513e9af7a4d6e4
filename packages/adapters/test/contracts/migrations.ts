import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { migrate, requireSchema } from '@scarmonit/store/migrate';
import type { Migration } from '@scarmonit/store/migrations/migration';
import { migrations } from '@scarmonit/store/migrations/migrations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedDatabase } from './sql-database.ts';

/**
 * How a database comes to its schema, on every SQL adapter.
 * @param open makes an empty database
 */
export function testMigrations(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`migrations: ${name}`, () => {
    const clock = createFakeClock();
    let opened: OpenedDatabase;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const rows = (text: string) => opened.db.query({ sql: text, parameters: [] });
    const first: Migration = {
      version: 1,
      name: 'first',
      statements: (builder) => [builder.schema.createTable('first').addColumn('id', 'text')],
    };
    const second: Migration = {
      version: 2,
      name: 'second',
      statements: (builder) => [builder.schema.createTable('second').addColumn('id', 'text')],
    };
    const broken: Migration = {
      version: 2,
      name: 'broken',
      statements: (builder) => [
        builder.schema.createTable('half').addColumn('id', 'text'),
        builder.schema.dropTable('absent'),
      ],
    };

    it('brings an empty database to the newest schema, with the default project', async () => {
      const versions = migrations.map(({ version }) => version);
      expect(versions).toEqual(versions.map((_, index) => index + 1));
      expect(await migrate(opened.db, clock)).toEqual({ version: versions.length, applied: versions });
      expect(await rows('select id from projects')).toEqual([{ id: 'default' }]);
      expect(await rows('select version, name, applied_at from schema_migrations order by version')).toEqual(
        migrations.map(({ version, name }) => ({ version, name, applied_at: clock.now() })),
      );
    });

    it('gives every table of ours a project, from the first migration on', async () => {
      await migrate(opened.db, clock);
      for (const table of ['api_keys', 'predictions', 'model_versions', 'manifests']) {
        await expect(rows(`select project_id from ${table}`)).resolves.toEqual([]);
      }
    });

    it('applies only what is missing', async () => {
      await migrate(opened.db, clock, [first]);
      await rows("insert into first (id) values ('kept')");
      expect(await migrate(opened.db, clock, [first, second])).toEqual({ version: 2, applied: [2] });
      expect(await migrate(opened.db, clock, [first, second])).toEqual({ version: 2, applied: [] });
      expect(await rows('select id from first')).toEqual([{ id: 'kept' }]);
    });

    it('refuses a schema that is newer than it knows, and says so', async () => {
      await migrate(opened.db, clock, [first, second]);
      await expect(migrate(opened.db, clock, [first])).rejects.toThrow(
        "The store's schema is version 2; this build of Scarmonit knows up to version 1.",
      );
    });

    it('refuses a schema of other making', async () => {
      await migrate(opened.db, clock, [{ ...first, name: 'something-else' }]);
      await expect(migrate(opened.db, clock, [first])).rejects.toThrow('its migration 1 is "something-else"');
    });

    it('leaves the old schema when a migration fails, and says which', async () => {
      await migrate(opened.db, clock, [first]);
      const failure = await migrate(opened.db, clock, [first, broken]).catch((error: Error) => error.message);
      expect(failure).toMatch(
        /^Migration 2 \(broken\) of the store failed: (?!.*\.\.).*absent.*\. The store is unchanged at version 1\.$/,
      );
      await expect(rows('select * from half')).rejects.toThrow(Error);
      expect(await rows('select version from schema_migrations')).toEqual([{ version: 1 }]);
      expect(await migrate(opened.db, clock, [first, second])).toEqual({ version: 2, applied: [2] });
    });

    it('tells a schema that fits from one that is missing, older or newer', async () => {
      await expect(requireSchema(opened.db, [first])).rejects.toThrow(
        'schema is version 0; this build of Scarmonit needs',
      );
      await migrate(opened.db, clock, [first]);
      await expect(requireSchema(opened.db, [first])).resolves.toBeUndefined();
      await expect(requireSchema(opened.db, [first, second])).rejects.toThrow('schema is version 1; this build');
      await migrate(opened.db, clock, [first, second]);
      await expect(requireSchema(opened.db, [first])).rejects.toThrow('knows up to version 1');
    });

    it('lets several migrate at once', async () => {
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrate(opened.db, clock, [first, second])));
      expect(outcomes.map(({ version }) => version)).toEqual([2, 2, 2, 2]);
      expect(outcomes.flatMap(({ applied }) => applied).sort()).toEqual([1, 2]);
    });
  });
}
