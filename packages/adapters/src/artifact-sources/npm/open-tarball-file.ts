import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

export interface TarballFile {
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 1 << 18;

/**
 * Opens one file of a package's tarball (gzip of tar, everything below one folder, which npm calls `package`).
 * @param tarball read from its start, and left open
 * @returns undefined when there is no such file
 */
export async function openTarballFile(tarball: FileHandle, path: string): Promise<TarballFile | undefined> {
  const entries = extract();
  const reading = pipeline(readChunks(tarball), createGunzip({ chunkSize: CHUNK_BYTES }), entries);
  // A broken tarball surfaces through the entries; who stops reading early gets no error at all.
  reading.catch(() => {});
  for await (const entry of entryIterator(entries)) {
    if (entry.header.type === 'file' && entry.header.name.replace(/^[^/]*\//, '') === path) {
      return { size: entry.header.size, content: readThenStop(entry as AsyncIterable<Uint8Array>, entries) };
    }
    entry.resume();
  }
  await reading;
  return undefined;
}

type Entries = ReturnType<typeof extract>;
type Entry = Entries extends AsyncIterable<infer Item> ? Item : never;

/** Like `for await` over the extractor, but leaving the loop does not destroy what was found. */
function entryIterator(entries: Entries): AsyncIterable<Entry> {
  const iterator = entries[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

/** By position, so that several may read at once; a stream of Node's would close the handle when it is stopped. */
async function* readChunks(file: FileHandle): AsyncIterable<Uint8Array> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* readThenStop(entry: AsyncIterable<Uint8Array>, entries: Entries): AsyncIterable<Uint8Array> {
  try {
    yield* entry;
  } finally {
    entries.destroy();
  }
}
