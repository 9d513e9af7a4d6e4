import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashInto } from './hash-file.ts';
import { listUnownedFiles, ownedFileName } from './owned-files.ts';

/** Of the files that hold parts: `SHA256.part`, or `SHA256.PID.part` while a process works on one. */
export const PARTIAL_EXTENSION = 'part';
const FLUSH_BYTES = 1 << 20;

/**
 * A part that is being downloaded, hashed as it is written. While a process works on it, the file carries that process's
 * id; an interrupted one is put back under `SHA256.part`, where the next download claims it by a rename, which only
 * one process can win.
 */
export class PartialFile {
  readonly path: string;
  readonly #idlePath: string;
  readonly #file: FileHandle;
  #hash: Hash;
  #size: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  private constructor(path: string, idlePath: string, file: FileHandle, hash: Hash, size: number) {
    this.path = path;
    this.#idlePath = idlePath;
    this.#file = file;
    this.#hash = hash;
    this.#size = size;
  }

  /** Claims what an earlier download left of this part, or starts an empty file. At most one a part and process. */
  static async claim(folder: string, sha256: string): Promise<PartialFile> {
    const path = join(folder, ownedFileName(sha256, PARTIAL_EXTENSION));
    const idlePath = join(folder, `${sha256}.${PARTIAL_EXTENSION}`);
    const left = (await listUnownedFiles(folder, sha256, PARTIAL_EXTENSION)).map((name) => join(folder, name));
    for (const candidate of [...left, idlePath]) {
      if (candidate === path || (await renameIfThere(candidate, path))) break;
    }
    const file = await open(path, 'a+');
    const hash = createHash('sha256');
    try {
      const { size } = await file.stat();
      await hashInto(hash, file, size);
      return new PartialFile(path, idlePath, file, hash, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How many bytes of this part a claim would find. */
  static async sizeLeft(folder: string, sha256: string): Promise<number> {
    const [name = `${sha256}.${PARTIAL_EXTENSION}`] = await listUnownedFiles(folder, sha256, PARTIAL_EXTENSION);
    const found = await stat(join(folder, name)).catch(() => undefined);
    return found?.size ?? 0;
  }

  /** Bytes so far, including those that are still in memory. */
  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#size += chunk.byteLength;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.flush();
  }

  /** Lower-case hex SHA-256 of what is there so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Starts again at 0. */
  async restart(): Promise<void> {
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.truncate(0);
    this.#hash = createHash('sha256');
    this.#size = 0;
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    // Opened for appending, so that it goes on where the file ends.
    if (bytes.byteLength > 0) await this.#file.writeFile(bytes);
  }

  /** Done writing; the file stays claimed by this process. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }

  /** Puts a closed file where the next download, of whatever process, finds it. */
  async release(): Promise<void> {
    await renameIfThere(this.path, this.#idlePath);
  }

  /** Removes a closed file. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
