import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeBytes } from '../../../test/artifacts/test-bytes.ts';
import { testArtifactSource } from '../../../test/contracts/artifact-source.ts';
import { createFileSource } from './file-source.ts';

testArtifactSource('file', async () => {
  const baseDir = await mkdtemp(join(tmpdir(), 'file-source-'));
  const bytes = makeBytes(3 << 20);
  await mkdir(join(baseDir, 'models'));
  await writeFile(join(baseDir, 'models', 'a b.bin'), bytes);
  return {
    source: createFileSource({ baseDir }),
    reference: 'file:models/a b.bin',
    bytes,
    missing: 'file:models/none.bin',
    malformed: ['file:'],
    resumes: true,
    close: () => rm(baseDir, { recursive: true }),
  };
});

it('takes absolute paths as they are, and refuses folders', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'file-source-'));
  await writeFile(join(folder, 'x'), 'x');
  const source = createFileSource({ baseDir: '/nowhere' });
  const options = { offset: 0, signal: new AbortController().signal };
  for (const reference of [`file:${folder}/x`, `file://${folder}/x`]) {
    const { totalBytes, stream } = await source.open(reference, options);
    for await (const _chunk of stream);
    expect(totalBytes).toBe(1);
  }
  await expect(source.open(`file:${folder}`, options)).rejects.toMatchObject({ kind: 'invalid_request' });
  await rm(folder, { recursive: true });
});
