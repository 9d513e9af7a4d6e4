import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { parseTar } from 'nanotar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectBytes, makeBytes, sha256Of } from '../../test/artifacts/test-bytes.ts';
import { builtInRecipes } from './built-in-recipes.ts';
import { concatParts } from './concat-parts.ts';
import { tarParts } from './tar-parts.ts';

describe('recipes', () => {
  const contents = [makeBytes(3_000_001, 1), makeBytes(17, 2), new Uint8Array()];
  let folder: string;
  let parts: RecipePart[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recipes-'));
    parts = contents.map((_, index) => ({ name: `part-${index}`, path: join(folder, `file-${index}`) }));
    for (const [index, content] of contents.entries()) await writeFile(parts[index]?.path ?? '', content);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('has the recipes that manifests name', () => {
    expect(Object.keys(builtInRecipes)).toEqual(['concat', 'tar', 'use-lite-to-onnx', 'use-lite-sentiment-to-onnx']);
  });

  it('concat joins parts in their order', async () => {
    const joined = await collectBytes(concatParts(parts));
    expect(sha256Of(joined)).toBe(sha256Of(Buffer.concat(contents)));
  });

  it('tar packs parts under their names, the same bytes each time', async () => {
    const tar = await collectBytes(tarParts(parts));
    const files = parseTar(tar);
    expect(files.map(({ name, size }) => [name, size])).toEqual([
      ['part-0', 3_000_001],
      ['part-1', 17],
      ['part-2', 0],
    ]);
    expect(Buffer.compare(files[0]?.data ?? new Uint8Array(), contents[0] ?? new Uint8Array())).toBe(0);
    expect(files[0]?.attrs).toMatchObject({ mtime: 0, uid: 0, gid: 0 });
    expect(sha256Of(tar)).toBe('9f874a3cc59aa9349b377a1c74997b03b75ee1fb237f4bf697c5bf5dbae3e52e');
  });

  it('tar refuses two parts of one name', async () => {
    await expect(collectBytes(tarParts([...parts, ...parts]))).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('a part that cannot be read is an error of the recipe', async () => {
    const gone = [{ name: 'gone', path: join(folder, 'gone') }];
    await expect(collectBytes(concatParts(gone))).rejects.toThrow('ENOENT');
    await expect(collectBytes(tarParts(gone))).rejects.toThrow('ENOENT');
  });
});
