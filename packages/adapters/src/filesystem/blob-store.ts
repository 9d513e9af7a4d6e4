import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobInfo, type BlobStore, checkBlobName } from '@scarmonit/core/ports/blob-store';
import { ownedFileName, removeUnownedFiles } from './owned-files.ts';

/** Begins with a dot, as no name of a blob does. */
const writingFolder = '.writing';
const writingExtension = 'blob';

/** The blob port on a folder: one file a blob. It is made with the first blob. */
export function createFilesystemBlobStore(folder: string): BlobStore {
  const writing = join(folder, writingFolder);
  const inUse = new Set<string>();
  const pathOf = (name: string): string => {
    checkBlobName(name);
    return join(folder, ...name.split('/'));
  };

  const head = async (name: string): Promise<BlobInfo | undefined> => {
    const found = await ifThere(stat(pathOf(name), { bigint: true }));
    return found?.isFile() ? toInfo(name, found) : undefined;
  };

  return {
    head,

    put: async (name, body) => {
      const path = pathOf(name);
      await mkdir(writing, { recursive: true });
      await removeUnownedFiles(writing, writingExtension, inUse);
      const partial = join(writing, ownedFileName(randomUUID(), writingExtension));
      inUse.add(partial);
      try {
        const info = await writeWhole(partial, name, body);
        await mkdir(dirname(path), { recursive: true });
        await rename(partial, path);
        return info;
      } finally {
        inUse.delete(partial);
        await rm(partial, { force: true });
      }
    },

    get: async (name) => {
      const file = await ifThere(open(pathOf(name), 'r'));
      if (file === undefined) return undefined;
      const found = await file.stat({ bigint: true });
      if (found.isFile()) return { ...toInfo(name, found), body: readFile(file) };
      await file.close();
      return undefined;
    },

    delete: async (name) => {
      await rm(pathOf(name), { force: true });
    },

    list: async (prefix, { limit, after = '' }) => {
      const entries = (await ifThere(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
      const names = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) =>
          join(parentPath, name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        )
        .filter((name) => name.startsWith(prefix) && name > after && !name.startsWith(`${writingFolder}/`))
        .sort();
      const found = await Promise.all(names.slice(0, limit).map(head));
      return found.filter((info) => info !== undefined);
    },
  };
}

/** @returns what is known of the file, which keeps it when it is renamed */
async function writeWhole(path: string, name: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobInfo> {
  const file = await open(path, 'wx');
  try {
    if (body instanceof Uint8Array) await file.writeFile(body);
    else for await (const chunk of body) await file.writeFile(chunk);
    await file.sync();
    return toInfo(name, await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

async function* readFile(file: FileHandle): AsyncGenerator<Uint8Array> {
  for await (const chunk of file.createReadStream()) yield chunk as Uint8Array;
}

/** Another file stands in the place of what is replaced, so its number in the file system is another one, too. */
function toInfo(name: string, { size, ino, mtimeNs, mtimeMs }: BigIntStats): BlobInfo {
  return {
    name,
    sizeBytes: Number(size),
    etag: `"${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}"`,
    storedAt: Number(mtimeMs),
  };
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
