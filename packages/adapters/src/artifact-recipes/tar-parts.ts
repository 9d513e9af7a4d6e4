import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { type TarEntry, writeTar } from './write-tar.ts';

/** `tar`: one uncompressed tar of the parts, each under its name, in the order of the manifest. */
export async function* tarParts(parts: readonly RecipePart[]): AsyncIterable<Uint8Array> {
  const seen = new Set<string>();
  const entries: TarEntry[] = [];
  for (const { name, path } of parts) {
    if (seen.has(name)) {
      throw new ScarmonitError('invalid_request', `two parts of the tar are named "${name}"; give each its own name`, {
        param: 'artifact.from',
      });
    }
    seen.add(name);
    const { size } = await stat(path);
    entries.push({ name, size, content: readPart(path) });
  }
  yield* writeTar(entries);
}

/** Opens the part when its turn comes, and closes it with the reader. */
async function* readPart(path: string): AsyncIterable<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 1 << 20 });
}
