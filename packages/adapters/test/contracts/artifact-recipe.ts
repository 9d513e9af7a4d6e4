import type { Recipe, RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectBytes, sha256Of } from '../artifacts/test-bytes.ts';

/** Parts for one test, as files of their own. */
export interface PreparedParts {
  readonly parts: readonly RecipePart[];
  /** SHA-256 of each part as it is on disk now. */
  hashParts(): Promise<readonly string[]>;
  /** Which of the parts are open at this moment, by their paths; undefined where the system does not tell. */
  listOpen(): Promise<readonly string[] | undefined>;
  remove(): Promise<void>;
}

export interface RecipeExpectations {
  /** Writes the same parts, to another place each time. */
  prepare(): Promise<PreparedParts>;
  /** Of the finished artifact. Pinned, because manifests pin it. */
  readonly sha256: string;
  /** Makes parts that are not what the recipe needs; absent when it takes any. */
  readonly spoil?: (parts: readonly RecipePart[]) => readonly RecipePart[];
}

/** What every recipe must do. */
export function testRecipe(name: string, recipe: Recipe, { prepare, sha256, spoil }: RecipeExpectations): void {
  describe(`recipe: ${name}`, () => {
    const prepared = async (): Promise<PreparedParts> => {
      const parts = await prepare();
      onTestFinished(() => parts.remove());
      return parts;
    };
    const run = async (parts: readonly RecipePart[]) => sha256Of(await collectBytes(recipe(parts)));

    it('gives the bytes that manifests pin, wherever the parts lie', async () => {
      expect(await run((await prepared()).parts)).toBe(sha256);
      expect(await run((await prepared()).parts)).toBe(sha256);
    });

    it('gives them to two readers at once', async () => {
      const { parts } = await prepared();
      expect(await Promise.all([run(parts), run(parts)])).toEqual([sha256, sha256]);
    });

    it('leaves the parts alone', async () => {
      const { parts, hashParts } = await prepared();
      const before = await hashParts();
      await run(parts);
      expect(await hashParts()).toEqual(before);
    });

    it('does nothing before it is read, and closes the parts when the reader stops in the middle', async () => {
      const { parts, listOpen } = await prepared();
      const bytes = recipe(parts)[Symbol.asyncIterator]();
      expect((await listOpen()) ?? []).toEqual([]);
      expect((await bytes.next()).done).toBe(false);
      await bytes.return?.();
      await expect.poll(async () => (await listOpen()) ?? []).toEqual([]);
    });

    it('fails when a part is gone, and does not end as if that were all', async () => {
      const { parts, remove } = await prepared();
      await remove();
      await expect(run(parts)).rejects.toThrow('ENOENT');
    });

    if (spoil === undefined) return;
    it('refuses parts that are not what it needs', async () => {
      const { parts } = await prepared();
      await expect(run(spoil(parts))).rejects.toMatchObject({ kind: 'invalid_request' });
    });
  });
}
