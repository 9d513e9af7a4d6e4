import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource, OpenedSource } from '@scarmonit/core/ports/artifact-source';
import { asTransferError, throwIfCancelled } from '@scarmonit/core/transfers/transfer-errors';
import { parseNpmReference } from './npm-reference.ts';
import { openTarballFile } from './open-tarball-file.ts';
import type { NpmOptions } from './read-npm-config.ts';
import { TarballSpool } from './tarball-spool.ts';

export interface NpmSourceOptions {
  /** A folder of its own for tarballs that are in use. */
  readonly spoolDir: string;
  /** npm's settings, asked for when something must be fetched: `() => readNpmConfig({ cwd, env })`. */
  readonly readOptions?: () => Promise<NpmOptions>;
}

/**
 * `npm:PACKAGE@VERSION/PATH`: a file of a package in an npm registry. The tarball's integrity is checked before anything
 * is read from it; files of the same package share one download. A tarball cannot be resumed, so streams start at 0.
 */
export function createNpmSource({ spoolDir, readOptions = async () => ({}) }: NpmSourceOptions): ArtifactSource {
  const spool = new TarballSpool(spoolDir, readOptions);
  return {
    scheme: 'npm',
    hold: (reference) => spool.hold(parseNpmReference(reference).spec),
    async open(reference, { signal, onProgress }) {
      const { spec, path } = parseNpmReference(reference);
      const release = spool.hold(spec);
      try {
        const tarball = await spool.fetch(spec, reference, {
          signal,
          onProgress: (receivedBytes) => onProgress?.(receivedBytes, undefined),
        });
        const file = await openTarballFile(tarball, path);
        throwIfCancelled(signal);
        if (file === undefined) {
          throw new ScarmonitError('not_found', `${reference}: the package has no file ${path}`);
        }
        const stream = readThenRelease(file.content, reference, signal, release);
        return { offset: 0, totalBytes: file.size, validator: undefined, stream } satisfies OpenedSource;
      } catch (error) {
        await release();
        throw asTransferError(error, reference, signal);
      }
    },
  };
}

async function* readThenRelease(
  content: AsyncIterable<Uint8Array>,
  reference: string,
  signal: AbortSignal,
  release: () => Promise<void>,
): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of content) {
      throwIfCancelled(signal);
      yield chunk;
    }
  } catch (error) {
    throw asTransferError(error, reference, signal);
  } finally {
    await release();
  }
}
