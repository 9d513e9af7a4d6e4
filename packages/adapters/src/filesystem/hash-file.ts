import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Big enough that reading is not the limit, small enough that hashing one chunk holds the event loop for about 1 ms. */
const CHUNK_BYTES = 1 << 20;

/** Lower-case hex SHA-256 of a file. Other work goes on between chunks. */
export async function hashFile(path: string): Promise<string> {
  await using file = await open(path);
  const hash = createHash('sha256');
  await hashInto(hash, file, (await file.stat()).size);
  return hash.digest('hex');
}

/** Feeds the first `bytes` of a file into `hash`. Reads the next chunk while one is hashed. */
export async function hashInto(hash: Hash, file: FileHandle, bytes: number): Promise<void> {
  let current = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let next = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let position = 0;
  const read = (into: Buffer) => file.read(into, 0, Math.min(CHUNK_BYTES, bytes - position), position);
  let reading = read(current);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return;
    position += bytesRead;
    reading = read(next);
    hash.update(current.subarray(0, bytesRead));
    [current, next] = [next, current];
  }
}
