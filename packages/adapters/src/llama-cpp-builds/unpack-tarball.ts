import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { extract } from 'tar-stream';

/**
 * Writes the files of a package's tarball below a directory, without the folder that npm puts around them.
 * Links and devices are left out, as npm does.
 * @returns bytes of the files
 * @throws ScarmonitError `engine_failure` for a path that leads outside
 */
export async function unpackTarball(tarballPath: string, directory: string, signal: AbortSignal): Promise<number> {
  let writtenBytes = 0;
  const entries = extract();
  const reading = pipeline(createReadStream(tarballPath), createGunzip(), entries, { signal });
  const writing = (async () => {
    for await (const entry of entries) {
      if (entry.header.type !== 'file') {
        entry.resume();
        continue;
      }
      const path = resolveInside(directory, entry.header.name);
      await mkdir(dirname(path), { recursive: true });
      const isExecutable = ((entry.header.mode ?? 0) & 0o111) !== 0;
      await pipeline(entry, createWriteStream(path, { mode: isExecutable ? 0o755 : 0o644 }), { signal });
      writtenBytes += entry.header.size;
    }
  })();
  await Promise.all([reading, writing]);
  return writtenBytes;
}

function resolveInside(directory: string, name: string): string {
  const path = join(directory, normalize(name.replace(/^[^/]*\//, '')));
  if (path.startsWith(directory + sep)) return path;
  const message = `The package holds a file outside of itself (${name}) and is not installed.`;
  throw new ScarmonitError('engine_failure', message);
}
