import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { SharedWork, type Waiter } from '@scarmonit/core/transfers/shared-work';
import { asTransferError } from '@scarmonit/core/transfers/transfer-errors';
import { downloadTarball } from './download-tarball.ts';
import type { NpmOptions } from './read-npm-config.ts';

/** What npm itself would do when a registry does not answer; settings of the user replace it. */
const networkDefaults: NpmOptions = {
  fetchRetries: 2,
  fetchRetryMintimeout: 1000,
  fetchRetryMaxtimeout: 10_000,
  timeout: 30_000,
};

/** Keeps the tarballs of packages on disk while files of them are wanted, so that each is fetched once. */
export class TarballSpool {
  readonly #folder: string;
  readonly #readOptions: () => Promise<NpmOptions>;
  readonly #holds = new Map<string, number>();
  readonly #fetched = new Map<string, FileHandle>();
  readonly #fetching = new SharedWork<FileHandle, number>();

  constructor(folder: string, readOptions: () => Promise<NpmOptions>) {
    this.#folder = folder;
    this.#readOptions = readOptions;
  }

  /** Keeps the tarball from now on; the returned function ends that, and the last one frees the disk. */
  hold(spec: string): () => Promise<void> {
    this.#holds.set(spec, (this.#holds.get(spec) ?? 0) + 1);
    let released = false;
    return async () => {
      if (released) return;
      released = true;
      const left = (this.#holds.get(spec) ?? 1) - 1;
      if (left > 0) {
        this.#holds.set(spec, left);
        return;
      }
      this.#holds.delete(spec);
      const tarball = this.#fetched.get(spec);
      this.#fetched.delete(spec);
      await tarball?.close();
    };
  }

  /**
   * The package's tarball, its integrity checked; progress is in its bytes. The caller holds it for as long as it reads.
   * @throws ScarmonitError as `ArtifactSource.open` does
   */
  async fetch(spec: string, reference: string, waiter: Waiter<number>): Promise<FileHandle> {
    const fetched = this.#fetched.get(spec);
    if (fetched !== undefined) return fetched;
    return this.#fetching.run(spec, waiter, async (signal, report) => {
      const file = await openNamelessFile(this.#folder);
      try {
        await this.#download(spec, file, signal, report);
      } catch (error) {
        await file.close();
        throw explainRegistryError(error, reference, signal);
      }
      this.#fetched.set(spec, file);
      return file;
    });
  }

  async #download(spec: string, file: FileHandle, signal: AbortSignal, report: (bytes: number) => void): Promise<void> {
    const npmOptions = { ...networkDefaults, ...(await this.#readOptions()) };
    await downloadTarball({ spec, file, npmOptions, signal, onProgress: report });
  }
}

/** A file that has lost its name already: whatever happens to this process, the system frees its space. */
async function openNamelessFile(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomUUID()}.tgz`);
  const file = await open(path, 'wx+');
  await rm(path);
  return file;
}

function explainRegistryError(error: unknown, reference: string, signal: AbortSignal): ScarmonitError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!signal.aborted && (code === 'E404' || code === 'ETARGET')) {
    return new ScarmonitError('not_found', `${reference}: the registry has no such package or version`, {
      cause: error,
    });
  }
  if (!signal.aborted && (code === 'E401' || code === 'E403')) {
    return new ScarmonitError('forbidden', `${reference}: the registry wants other credentials (${code}); see .npmrc`, {
      cause: error,
    });
  }
  return asTransferError(error, reference, signal);
}
