import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { unpackTarball } from './unpack-tarball.ts';

export interface InstallRequest {
  readonly name: string;
  readonly version: string;
  /** Where it goes; whatever is there is replaced in one step. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Writes the package's tarball, its integrity checked, into a file that stays open. */
  download(spec: string, file: FileHandle): Promise<void>;
}

/**
 * Fetches a package from the npm registry, checks its integrity and puts it into place. What is there stays until the
 * new one is complete. Runs no scripts and brings no dependencies.
 * @returns bytes of the unpacked files
 * @throws ScarmonitError `engine_failure` when it cannot be fetched or written, `cancelled` when aborted
 */
export async function installNpmPackage(request: InstallRequest): Promise<number> {
  const { name, version, directory, signal } = request;
  const spec = `${name}@${version}`;
  const fresh = join(dirname(directory), `.fetching-${process.pid}-${name.replace(/.*\//, '')}`);
  try {
    await mkdir(join(fresh, 'package'), { recursive: true });
    // Whole and checked before anything is unpacked from it.
    {
      await using file = await open(join(fresh, 'package.tgz'), 'w');
      await request.download(spec, file);
    }
    const bytes = await unpackTarball(join(fresh, 'package.tgz'), join(fresh, 'package'), signal);
    await expectVersion(join(fresh, 'package'), version);
    // A link (a stand-in of the workspace) is removed itself, never what it points to.
    await rm(directory, { recursive: true, force: true });
    await rename(join(fresh, 'package'), directory);
    return bytes;
  } catch (error) {
    if (signal.aborted) {
      throw new ScarmonitError('cancelled', `Fetching ${spec} was stopped; nothing was changed.`, { cause: error });
    }
    if (error instanceof ScarmonitError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${spec} could not be fetched: ${reason}. Nothing was changed; try again.`;
    throw new ScarmonitError('engine_failure', message, { cause: error });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function expectVersion(directory: string, version: string): Promise<void> {
  const found = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version?: string };
  if (found.version === version) return;
  const message = `The registry sent version ${found.version}, not ${version}. Nothing was changed.`;
  throw new ScarmonitError('engine_failure', message);
}
