import { createReadStream } from 'node:fs';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';

/** `concat`: the bytes of the parts, one after the other, in the order of the manifest. */
export async function* concatParts(parts: readonly RecipePart[]): AsyncIterable<Uint8Array> {
  for (const part of parts) {
    yield* createReadStream(part.path, { highWaterMark: 1 << 20 });
  }
}
