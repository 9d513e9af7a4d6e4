import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Tells a file apart from itself after a change: every write, replacement and rename sets the inode's change time, which
 * no program can set back. It goes by the ticks of the kernel's clock, some milliseconds.
 */
async function readIdentity(path: string): Promise<string> {
  const { size, ino, ctimeNs } = await stat(path, { bigint: true });
  return `${size} ${ino} ${ctimeNs}`;
}

/**
 * Checks a file, unless nothing has changed it since a check that it passed.
 * @param stampPath where is kept what the file was like when it passed; may be lost at any time
 * @param check reads the file and throws if it is not as it should be
 */
export async function checkOnceUnchanged(path: string, stampPath: string, check: () => Promise<void>): Promise<void> {
  const identity = await readIdentity(path);
  if ((await readFile(stampPath, 'utf8').catch(() => '')) === identity) return;
  await check();
  // Taken before it was read: a write meanwhile makes the stamp worthless. A folder that cannot be written costs a check.
  await mkdir(dirname(stampPath), { recursive: true })
    .then(() => writeFile(stampPath, identity))
    .catch(() => undefined);
}
