import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ArtifactSpec } from '@scarmonit/core/registry/version-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScriptedSource } from '../../test/artifacts/scripted-source.ts';
import { answerWithRange, startHttpServer } from '../../test/artifacts/start-http-server.ts';
import { makeBytes, sha256Of } from '../../test/artifacts/test-bytes.ts';
import { testArtifactStore } from '../../test/contracts/artifact-store.ts';
import { createFilesystemArtifactStore, type FilesystemArtifactStoreOptions } from './artifact-store.ts';

testArtifactStore('filesystem', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'artifact-store-'));
  return {
    open: (sources, recipes) => createFilesystemArtifactStore({ dataDir, sources, recipes, retryDelaysMs: [0, 0] }),
    read: async (path) => readFile(path),
    damage: async (sha256) => {
      await using file = await open(join(dataDir, 'artifacts', 'sha256', sha256), 'r+');
      const { ctimeNs } = await file.stat({ bigint: true });
      // Until it shows: a change within the same tick of the kernel's clock cannot be seen.
      while ((await file.stat({ bigint: true })).ctimeNs === ctimeNs) await file.write('!', 100);
    },
    listLeftovers: () => readdir(join(dataDir, 'artifacts', 'partial')),
    close: () => rm(dataDir, { recursive: true }),
  };
});

type Puller = ChildProcessByStdio<null, Readable, null>;

async function printedBy(child: Puller): Promise<string> {
  return (await text(child.stdout)).trim();
}

async function untilSomethingIsWritten(folder: string): Promise<void> {
  for await (const { filename } of watch(folder)) {
    const found = filename === null ? undefined : await stat(join(folder, filename)).catch(() => undefined);
    if (found !== undefined && found.size > 0) return;
  }
}

describe('filesystem artifact store', () => {
  const bytes = makeBytes(3 << 20);
  const sha256 = sha256Of(bytes);
  const single: ArtifactSpec = {
    sha256,
    recipe: 'concat',
    from: [{ name: 'model', sources: ['mem:model'], sha256, bytes: bytes.byteLength }],
  };
  const pullOptions = { signal: new AbortController().signal };
  let dataDir: string;
  let partialDir: string;
  const children: Puller[] = [];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'artifact-store-'));
    partialDir = join(dataDir, 'artifacts', 'partial');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true });
  });

  const openStore = (options: Partial<FilesystemArtifactStoreOptions> = {}) =>
    createFilesystemArtifactStore({
      dataDir,
      sources: [createScriptedSource({ model: { bytes } })],
      recipes: { concat: async function* () {} },
      retryDelaysMs: [],
      ...options,
    });

  const startPull = (url: string): Puller => {
    const program = new URL('../../test/artifacts/pull-one.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, dataDir, url, sha256], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };

  it('says beforehand that it will not fit, with what it needs and what is free', async () => {
    const source = createScriptedSource({ model: { bytes } });
    const store = openStore({ sources: [source], freeBytesOf: async () => 1_000_000 });
    await expect(store.pull(single, pullOptions)).rejects.toMatchObject({
      kind: 'engine_failure',
      code: 'disk_full',
      message: expect.stringMatching(/3\.1 MB needed, 1 MB free/),
    });
    expect(source.opened).toEqual([]);
  });

  it('counts the artifact beside its parts, and not what is here already', async () => {
    const needs = async (spec: ArtifactSpec): Promise<string> => {
      const pulling = openStore({ freeBytesOf: async () => 0 }).pull(spec, pullOptions);
      return pulling.then(String, (error: Error) => error.message);
    };
    expect(await needs({ ...single, sha256: 'a'.repeat(64) })).toContain('6.3 MB needed');
    const cut = createScriptedSource({ model: { bytes, cuts: [2 << 20] } });
    await expect(openStore({ sources: [cut] }).pull(single, pullOptions)).rejects.toMatchObject({
      message: expect.stringMatching(/cut/),
    });
    expect(await needs(single)).toContain('1 MB needed');
  });

  it.runIf(process.platform === 'linux')('leaves nothing of a download that filled the disk', async () => {
    await mkdir(partialDir, { recursive: true });
    // Each write to this device fails with ENOSPC.
    await symlink('/dev/full', join(partialDir, `${sha256}.part`));
    await expect(openStore().pull(single, pullOptions)).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/is full: .* free/),
    });
    expect(await readdir(partialDir)).toEqual([]);
    await openStore().pull(single, pullOptions);
  });

  it.runIf(process.platform === 'linux')('leaves no half artifact when the disk fills up at the end', async () => {
    const twice: ArtifactSpec = { ...single, sha256: sha256Of(Buffer.concat([bytes, bytes])), recipe: 'twice' };
    const store = openStore({
      recipes: {
        twice: async function* ([part]) {
          for (const _time of [1, 2]) yield await readFile(part?.path ?? '');
        },
      },
    });
    await mkdir(partialDir, { recursive: true });
    await symlink('/dev/full', join(partialDir, `${twice.sha256}.${process.pid}.artifact`));
    await expect(store.pull(twice, pullOptions)).rejects.toMatchObject({ code: 'disk_full' });
    expect(await store.find(twice.sha256)).toBeUndefined();
    expect(await readdir(partialDir)).toEqual([`${sha256}.part`]);
    await store.pull(twice, pullOptions);
    expect(await readdir(partialDir)).toEqual([]);
  });

  it('removes the half-made artifacts of killed processes', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', '']);
    await mkdir(partialDir, { recursive: true });
    await writeFile(join(partialDir, `${'b'.repeat(64)}.${pid}.artifact`), 'half');
    await openStore().pull(single, pullOptions);
    expect(await readdir(partialDir)).toEqual([]);
  });

  it('leaves the files of living processes alone', async () => {
    await mkdir(partialDir, { recursive: true });
    const names = [`${'b'.repeat(64)}.${process.ppid}.artifact`, `${sha256}.${process.ppid}.part`];
    for (const name of names) await writeFile(join(partialDir, name), 'theirs');
    await openStore().pull(single, pullOptions);
    expect((await readdir(partialDir)).sort()).toEqual(names.sort());
  });

  it('resumes what a killed process had', async () => {
    const half = bytes.byteLength >> 1;
    const server = await startHttpServer((request, response) => {
      if (request.headers.range !== undefined) return answerWithRange(request, response, bytes);
      response.writeHead(200, { 'content-length': bytes.byteLength });
      response.write(bytes.subarray(0, half));
    });
    await mkdir(partialDir, { recursive: true });
    const killed = startPull(`${server.url}/model`);
    await untilSomethingIsWritten(partialDir);
    killed.kill('SIGKILL');
    await once(killed, 'exit');

    expect(await printedBy(startPull(`${server.url}/model`))).toBe(join(dataDir, 'artifacts', 'sha256', sha256));
    await server.close();
    expect(Number(/^bytes=(\d+)-$/.exec(server.requests[1]?.headers.range ?? '')?.[1])).toBeGreaterThan(0);
    expect(await readdir(partialDir)).toEqual([]);
  });

  it('lets two processes pull the same at once', async () => {
    const server = await startHttpServer((request, response) => answerWithRange(request, response, bytes));
    const paths = await Promise.all([1, 2].map(() => printedBy(startPull(`${server.url}/model`))));
    await server.close();
    expect(new Set(paths)).toEqual(new Set([join(dataDir, 'artifacts', 'sha256', sha256)]));
    expect(await readdir(partialDir)).toEqual([]);
    await openStore().verify(sha256);
  });
});
