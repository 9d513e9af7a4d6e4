/// <reference path="./pacote.d.ts" />
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';

export interface TarballDownload {
  /** As pacote takes it: name@version, for one. */
  readonly spec: string;
  /** Whatever it holds is replaced; stays open. */
  readonly file: FileHandle;
  /** npm's settings, as pacote takes them. */
  readonly npmOptions: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Compressed bytes so far. */
  onProgress?(receivedBytes: number): void;
}

/**
 * Fetches a package's tarball from the npm registry, whole, and checks its integrity.
 * @throws what pacote throws, `EINTEGRITY` when the bytes are not those that the registry names; the signal's reason
 */
export async function downloadTarball({ spec, file, npmOptions, signal, onProgress }: TarballDownload): Promise<void> {
  // Loaded only when something has to be fetched: it takes a noticeable part of a start.
  const { default: pacote } = await import('pacote');
  // Listened to at once, and not read by `for await` or a pipeline: this stream is Minipass, which throws an error that
  // nobody listens for at that moment, and forgets it.
  const write = (tarball: NodeJS.ReadableStream): Promise<void> =>
    new Promise((resolve, reject) => {
      let receivedBytes = 0;
      const sink = new Writable({
        write(chunk: Uint8Array, _encoding, done) {
          writeAll(file, chunk, receivedBytes).then(() => {
            receivedBytes += chunk.byteLength;
            onProgress?.(receivedBytes);
            done(signal.aborted ? signal.reason : undefined);
          }, done);
        },
        // It is called again after a broken download, and must not keep the first one's bytes.
        final: (done) => void file.truncate(receivedBytes).then(() => done(), done),
      });
      tarball.on('error', reject);
      sink.on('error', reject);
      sink.on('finish', resolve);
      tarball.pipe(sink);
    });
  // Without npm's cache: the tarball would stay there for ever, a second copy of what is kept.
  await pacote.tarball.stream(spec, write, { ...npmOptions, cache: undefined, signal });
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
