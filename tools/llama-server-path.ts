import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Where node-llama-cpp keeps the sources of llama.cpp that its own build was made of, as a bundle of Git. */
export const sourceBundle = join(root, 'node_modules', 'node-llama-cpp', 'llama', 'gitRelease.bundle');

/** Where the programs of llama.cpp are kept: those of the sources that are installed now. */
export const llamaCppFolder = join(root, '.scarmonit-bench', `llama.cpp-${readRelease()}`);

/** llama.cpp's own server, which is there once `tools/build-llama-server.ts` has run. */
export const llamaServerPath = join(llamaCppFolder, 'llama-server');

function readRelease(): string {
  const path = join(root, 'node_modules', 'node-llama-cpp', 'llama', 'binariesGithubRelease.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { release: string }).release;
}
