import { statfs } from 'node:fs/promises';
import type { DiskSpace } from '@scarmonit/core/alerts/disk-rule';

/** Of the file system that a path is on; what only root may still write does not count as free. */
export async function readDiskSpace(path: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
