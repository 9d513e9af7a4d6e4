import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * An uncompressed tar (POSIX.1-1988 ustar, pax for what does not fit) of plain files, in the order given. Owner, mode
 * and time are fixed, so that the same entries give the same bytes everywhere.
 */
export async function* writeTar(entries: Iterable<TarEntry>): AsyncIterable<Uint8Array> {
  const tar = pack();
  const writing = (async () => {
    for (const { name, size, content } of entries) {
      const header = { name, size, mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };
      await pipeline(Readable.from(content, { objectMode: false }), tar.entry(header));
    }
    tar.finalize();
  })();
  // The consumer sees the failure through the stream; without this the same failure would also be an unhandled one.
  writing.catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  yield* tar as AsyncIterable<Uint8Array>;
  await writing;
}
