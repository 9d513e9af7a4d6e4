/** A process that pulls one file over loopback: `node pull-one.ts DATA_DIR URL SHA256`. Prints the path. */
import { concatParts } from '../../src/artifact-recipes/concat-parts.ts';
import { createLoopbackHttpSource } from '../../src/artifact-sources/https/https-source.ts';
import { createFilesystemArtifactStore } from '../../src/filesystem/artifact-store.ts';

const [, , dataDir = '', url = '', sha256 = ''] = process.argv;
const store = createFilesystemArtifactStore({
  dataDir,
  sources: [createLoopbackHttpSource()],
  recipes: { concat: concatParts },
});
const artifact = { sha256, recipe: 'concat', from: [{ name: 'model', sources: [url], sha256 }] };
console.log(await store.pull(artifact, { signal: new AbortController().signal }));
