import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { builtInRecipes } from '../src/artifact-recipes/built-in-recipes.ts';
import { makeBytes, sha256Of } from './artifacts/test-bytes.ts';
import { writeTinyEncoder } from './artifacts/write-tiny-encoder.ts';
import { type PreparedParts, type RecipeExpectations, testRecipe } from './contracts/artifact-recipe.ts';

const contents = [makeBytes(3_000_001, 1), makeBytes(2_000_017, 2), new Uint8Array()];

async function writePlainParts(folder: string): Promise<RecipePart[]> {
  const parts = contents.map((_, index) => ({ name: `part-${index}`, path: join(folder, `file-${index}`) }));
  for (const [index, { path }] of parts.entries()) await writeFile(path, contents[index] ?? '');
  return parts;
}

async function prepare(write: (folder: string) => Promise<RecipePart[]>): Promise<PreparedParts> {
  const folder = await mkdtemp(join(tmpdir(), 'recipe-'));
  const parts = await write(folder);
  return {
    parts,
    hashParts: () => Promise.all(parts.map(async ({ path }) => sha256Of(await readFile(path)))),
    listOpen: async () => {
      const open = await listOpenFiles();
      return open && parts.map(({ path }) => path).filter((path) => open.includes(path));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Linux tells what a process has open; other systems need a tool for it. */
async function listOpenFiles(): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const descriptors = await readdir('/proc/self/fd');
  return Promise.all(descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')));
}

const plain = (): Promise<PreparedParts> => prepare(writePlainParts);
const encoder = (): Promise<PreparedParts> => prepare(writeTinyEncoder);
const withoutOne = (parts: readonly RecipePart[]): readonly RecipePart[] => parts.slice(1);

const expectations: Readonly<Record<string, RecipeExpectations>> = {
  concat: { prepare: plain, sha256: sha256Of(Buffer.concat(contents)) },
  tar: {
    prepare: plain,
    sha256: '55d621101d66b6281157b2174bb916d162f643db951375a45fe5a3c0992764f5',
    spoil: (parts) => [...parts, ...parts],
  },
  'use-lite-to-onnx': {
    prepare: encoder,
    sha256: '26ea9106be2ec21580332bf5435ebc02fd4309f388b61ac8aaa2b04f122b6050',
    spoil: withoutOne,
  },
  'use-lite-sentiment-to-onnx': {
    prepare: encoder,
    sha256: 'd9abe03f58a0ee2281874e04f23147b4551b494da6277b816a9711939b159744',
    spoil: withoutOne,
  },
};

for (const [name, recipe] of Object.entries(builtInRecipes)) {
  const expected = expectations[name];
  if (expected === undefined) throw new Error(`the recipe '${name}' has no expectations here`);
  testRecipe(name, recipe, expected);
}
