import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasArtifact, type LocalVersionSpec } from '@scarmonit/core/registry/version-spec';
import type { Check, CheckSurroundings } from './finding.ts';

/** For the store and its journal to grow. */
const spareBytes = 500e6;

export const checkDisk: Check = async (surroundings) => {
  const { dataDir } = surroundings.config;
  const { bavail, bsize } = await statfs(nearestFolder(dataDir));
  const freeBytes = bavail * bsize;
  // Parts and the artifact that is made of them are there at the same time.
  const neededBytes = 2 * (await missingBytes(surroundings));
  const needed = neededBytes === 0 ? 'nothing is missing' : `${gigabytes(neededBytes)} needed to fetch what is missing`;
  const message = `${gigabytes(freeBytes)} free for ${dataDir}; ${needed}.`;
  const fix = 'Make room, or choose a directory on a larger disk with SCARMONIT_DATA_DIR.';
  if (freeBytes < neededBytes) return [{ status: 'fail', message, fix }];
  return freeBytes < neededBytes + spareBytes ? [{ status: 'warn', message, fix }] : [{ status: 'ok', message }];
};

/** Of the artifacts that are not here; parts whose size the manifest does not tell count nothing. */
async function missingBytes({ manifest, artifacts }: CheckSurroundings): Promise<number> {
  let bytes = 0;
  for (const { artifact } of distinctArtifacts(
    manifest?.models.flatMap(({ versions }) => versions).filter(hasArtifact) ?? [],
  )) {
    if ((await artifacts.find(artifact.sha256)) !== undefined) continue;
    for (const part of artifact.from) bytes += part.bytes ?? 0;
  }
  return bytes;
}

function distinctArtifacts(versions: readonly LocalVersionSpec[]): Iterable<LocalVersionSpec> {
  return new Map(versions.map((version) => [version.artifact.sha256, version])).values();
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
