import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfCancelled } from '@scarmonit/core/transfers/transfer-errors';

/**
 * Writes bytes to `temporaryPath`, makes them durable, and puts them at `finalPath` in one step once their digest has been
 * accepted. Whatever goes wrong, `finalPath` holds all of it or nothing and the temporary file is gone.
 * @param accept throws when the digest (lower-case hex) is not the wanted one
 */
export async function writeArtifact(
  bytes: AsyncIterable<Uint8Array>,
  paths: { readonly temporaryPath: string; readonly finalPath: string },
  accept: (sha256: string) => void,
  { signal, onProgress }: { readonly signal: AbortSignal; onProgress(writtenBytes: number): void },
): Promise<void> {
  const { temporaryPath, finalPath } = paths;
  try {
    const hash = createHash('sha256');
    let written = 0;
    {
      await using file = await open(temporaryPath, 'w');
      for await (const chunk of bytes) {
        throwIfCancelled(signal);
        hash.update(chunk);
        await file.writeFile(chunk);
        written += chunk.byteLength;
        onProgress(written);
      }
      accept(hash.digest('hex'));
      await file.sync();
    }
    await rename(temporaryPath, finalPath);
    await syncFolder(dirname(finalPath));
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
}

/** Makes renames and links in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no handles of folders, and needs none for this.
  if (process.platform === 'win32') return;
  await using folder = await open(path);
  await folder.sync();
}
