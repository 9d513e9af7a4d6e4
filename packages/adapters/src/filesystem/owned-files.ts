import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files that belong to a process say so in their names: `STEM.PID.EXTENSION`. That way two processes never write to the
 * same file, and what a killed one left behind can be told from what is being written.
 */
export function ownedFileName(stem: string, extension: string): string {
  return `${stem}.${process.pid}.${extension}`;
}

/** Names in `folder` of files that no other living process owns; those of this process are among them. */
export async function listUnownedFiles(folder: string, stem: string | undefined, extension: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => {
    const match = /^(.+)\.(\d+)\.([a-z]+)$/.exec(name);
    if (match === null) return false;
    const [, nameStem, pid, nameExtension] = match;
    return (
      nameExtension === extension && (stem === undefined || nameStem === stem) && !isOtherLivingProcess(Number(pid))
    );
  });
}

/** Removes what killed processes left behind, and what this one does not name in `inUse`. */
export async function removeUnownedFiles(folder: string, extension: string, inUse: ReadonlySet<string>): Promise<void> {
  for (const name of await listUnownedFiles(folder, undefined, extension)) {
    const path = join(folder, name);
    if (!inUse.has(path)) await rm(path, { force: true });
  }
}

function isOtherLivingProcess(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but it is not ours.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
