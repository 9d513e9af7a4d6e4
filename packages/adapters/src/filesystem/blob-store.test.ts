import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testBlobStore } from '../../test/contracts/blob-store.ts';
import { createFilesystemBlobStore } from './blob-store.ts';

const openFolder = () => {
  const root = mkdtempSync(join(tmpdir(), 'scarmonit-blobs-'));
  return { folder: join(root, 'blobs'), close: () => rmSync(root, { recursive: true, force: true }) };
};

testBlobStore('file system', async () => {
  const { folder, close } = openFolder();
  return { store: createFilesystemBlobStore(folder), close: async () => close() };
});

it('removes what killed processes left half-written, and nothing of the living', async () => {
  const { folder, close } = openFolder();
  const writing = join(folder, '.writing');
  mkdirSync(writing, { recursive: true });
  // No process has a number this large; the other one is the parent of this process.
  for (const name of ['a.99999999.blob', `b.${process.ppid}.blob`]) writeFileSync(join(writing, name), 'half');
  await createFilesystemBlobStore(folder).put('c', new Uint8Array());
  expect(readdirSync(writing)).toEqual([`b.${process.ppid}.blob`]);
  close();
});
