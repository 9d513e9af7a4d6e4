// needs: starter-models

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { builtInRecipes } from '@scarmonit/adapters/artifact-recipes/built-in-recipes';
import { createFileSource } from '@scarmonit/adapters/artifact-sources/file/file-source';
import { createNpmSource } from '@scarmonit/adapters/artifact-sources/npm/npm-source';
import { readNpmConfig } from '@scarmonit/adapters/artifact-sources/npm/read-npm-config';
import { createFilesystemArtifactStore } from '@scarmonit/adapters/filesystem/artifact-store';
import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { type ArtifactSpec, hasArtifact } from '@scarmonit/core/registry/version-spec';
import { beforeAll, describe, expect, it } from 'vitest';
import { embedSentences } from './sentiment-en/embed-sentences.ts';

const root = resolve(import.meta.dirname, '..');
const { env } = process;
const dataDir = resolve(root, env['SCARMONIT_TEST_DATA_DIR'] ?? '.scarmonit-test');
const { signal } = new AbortController();
const store = createFilesystemArtifactStore({
  dataDir,
  recipes: builtInRecipes,
  sources: [
    createNpmSource({
      spoolDir: join(dataDir, 'artifacts', 'npm'),
      readOptions: () => readNpmConfig({ cwd: root, env }),
    }),
    createFileSource({ baseDir: root }),
  ],
});

let artifacts: ReadonlyMap<string, ArtifactSpec>;

beforeAll(async () => {
  const manifest = parseManifest(readYaml(await readFile(join(root, 'scarmonit.yaml'), 'utf8')));
  artifacts = new Map(
    manifest.models.flatMap(({ name, versions }) =>
      versions.filter(hasArtifact).map(({ artifact }) => [name, artifact] as const),
    ),
  );
});

function artifactOf(model: string): ArtifactSpec {
  const artifact = artifacts.get(model);
  if (artifact === undefined) throw new Error(`scarmonit.yaml declares no ${model}`);
  return artifact;
}

/** Keeps the parts as artifacts of their own, so that the recipe can be followed again without the network. */
async function pullParts({ from }: ArtifactSpec): Promise<RecipePart[]> {
  return Promise.all(
    from.map(async (part) => {
      const artifact = { sha256: part.sha256, recipe: 'concat', from: [part] };
      return { name: part.name, path: await store.pull(artifact, { signal }) };
    }),
  );
}

describe('the starter conversions', () => {
  it.each(['use-lite-en', 'sentiment-en'])('%s comes out with the digest in scarmonit.yaml', async (model) => {
    const artifact = artifactOf(model);
    const hash = createHash('sha256');
    for await (const chunk of builtInRecipes[artifact.recipe]?.(await pullParts(artifact)) ?? []) hash.update(chunk);
    expect(hash.digest('hex')).toBe(artifact.sha256);
  });

  it('embeds sentences that mean the same nearer to each other than others', async () => {
    const path = await store.pull(artifactOf('use-lite-en'), { signal });
    const [question, paraphrase, other] = await embedSentences(path, [
      'How old are you?',
      'What is your age?',
      'The train to Paris leaves at nine.',
    ]);
    expect(cosine(question, paraphrase)).toBeGreaterThan(0.75);
    expect(cosine(question, other)).toBeLessThan(0.5);
  });

  it('scores praise and complaint on opposite sides', async () => {
    const path = await store.pull(artifactOf('sentiment-en'), { signal });
    const [praise, complaint] = await embedSentences(path, [
      'I love this phone, it works perfectly.',
      'Terrible service, I will never come back.',
    ]);
    // Columns are negative, positive.
    expect(praise?.[1]).toBeGreaterThan(0);
    expect(complaint?.[1]).toBeLessThan(0);
  });
});

function cosine(left: Float64Array | undefined, right: Float64Array | undefined): number {
  return left?.reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0) ?? Number.NaN;
}
