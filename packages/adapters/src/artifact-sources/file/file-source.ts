import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource, OpenOptions } from '@scarmonit/core/ports/artifact-source';
import { asTransferError, throwIfCancelled } from '@scarmonit/core/transfers/transfer-errors';

const CHUNK_BYTES = 1 << 20;

/**
 * `file:PATH`: a file of this machine.
 * @param options.baseDir where relative paths start: the manifest's folder
 */
export function createFileSource(options: { readonly baseDir: string }): ArtifactSource {
  return {
    scheme: 'file',
    async open(reference, openOptions) {
      throwIfCancelled(openOptions.signal);
      const path = resolvePath(reference, options.baseDir);
      const file = await open(path).catch((error: unknown) => {
        throw explainOpenError(error, reference, path);
      });
      const stat = await file.stat();
      if (!stat.isFile()) {
        await file.close();
        throw new ScarmonitError('invalid_request', `${reference}: ${path} is not a file`);
      }
      const offset = openOptions.offset <= stat.size ? openOptions.offset : 0;
      const stream = file.createReadStream({ start: offset, highWaterMark: CHUNK_BYTES, signal: openOptions.signal });
      return {
        offset,
        totalBytes: stat.size,
        validator: undefined,
        stream: read(stream, reference, openOptions, offset, stat.size),
      };
    },
  };
}

async function* read(
  stream: AsyncIterable<Uint8Array>,
  reference: string,
  { signal, onProgress }: OpenOptions,
  offset: number,
  totalBytes: number,
): AsyncIterable<Uint8Array> {
  let received = offset;
  try {
    for await (const chunk of stream) {
      received += chunk.byteLength;
      onProgress?.(received, totalBytes);
      yield chunk;
    }
  } catch (error) {
    throw asTransferError(error, reference, signal);
  }
}

function resolvePath(reference: string, baseDir: string): string {
  const match = /^file:(.+)$/.exec(reference);
  if (match === null || match[1] === undefined) {
    throw new ScarmonitError('invalid_request', `"${reference}" is not a file source such as file:models/head.json`);
  }
  return resolve(baseDir, match[1].replace(/^\/\/(?=\/)/, ''));
}

function explainOpenError(error: unknown, reference: string, path: string): ScarmonitError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ScarmonitError('not_found', `${reference}: there is no file ${path}`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ScarmonitError('forbidden', `${reference}: ${path} may not be read`, { cause: error });
  }
  return new ScarmonitError('engine_failure', `${reference}: ${path} cannot be opened (${code})`, { cause: error });
}
