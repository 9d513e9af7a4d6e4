import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadTarball } from '../src/artifact-sources/npm/download-tarball.ts';
import { installNpmPackage } from '../src/llama-cpp-builds/install-npm-package.ts';

let folder: string;
let registry: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-install-'));
});
afterEach(async () => {
  registry?.close();
  await rm(folder, { recursive: true, force: true });
});

async function packTarball(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** A registry on loopback with one package in one version. */
async function serve(tarball: Buffer, announced = tarball): Promise<string> {
  const integrity = `sha512-${createHash('sha512').update(announced).digest('base64')}`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) {
      response.end(tarball);
      return;
    }
    const dist = { tarball: `http://127.0.0.1:${portOf(server)}/build.tgz`, integrity };
    const version = { name: '@builds/gpu', version: '1.2.3', dist };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name: '@builds/gpu', 'dist-tags': { latest: '1.2.3' }, versions: { '1.2.3': version } }),
    );
  });
  registry = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${portOf(server)}/`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function install(registryUrl: string, signal = new AbortController().signal, onProgress?: (bytes: number) => void) {
  return installNpmPackage({
    name: '@builds/gpu',
    version: '1.2.3',
    directory: join(folder, 'gpu'),
    signal,
    download: (spec, file) =>
      downloadTarball({
        spec,
        file,
        npmOptions: { registry: registryUrl, fetchRetries: 0 },
        signal,
        ...(onProgress === undefined ? {} : { onProgress }),
      }),
  });
}

const files = { 'package/package.json': '{"version":"1.2.3"}', 'package/bins/lib.so': 'binary' };

describe('installNpmPackage', () => {
  it('puts the files into place, tells the bytes and replaces a link without touching what it leads to', async () => {
    await mkdir(join(folder, 'stand-in'));
    await writeFile(join(folder, 'stand-in', 'keep'), 'kept');
    await symlink(join(folder, 'stand-in'), join(folder, 'gpu'));
    const tarball = await packTarball(files);
    let received = 0;
    const bytes = await install(await serve(tarball), undefined, (receivedBytes) => {
      received = receivedBytes;
    });
    expect(bytes).toBe(25);
    expect(received).toBe(tarball.length);
    expect(await readFile(join(folder, 'gpu', 'bins', 'lib.so'), 'utf8')).toBe('binary');
    expect(await readdir(join(folder, 'stand-in'))).toEqual(['keep']);
  });

  it.each([
    ['bytes of another digest', async () => serve(await packTarball(files), Buffer.from('other')), /integrity/i],
    [
      'another version',
      async () => serve(await packTarball({ 'package/package.json': '{"version":"9.9.9"}' })),
      /version 9\.9\.9, not 1\.2\.3/,
    ],
    [
      'a file outside of the package',
      async () => serve(await packTarball({ 'package/../../evil': 'x' })),
      /outside of itself/,
    ],
    ['a registry that is not there', async () => 'http://127.0.0.1:9/', /could not be fetched/],
  ])('refuses %s and leaves everything as it was', async (_what, start, message) => {
    await mkdir(join(folder, 'gpu'));
    await writeFile(join(folder, 'gpu', 'old'), 'old');
    await expect(install(await start())).rejects.toThrow(message);
    expect(await readdir(join(folder, 'gpu'))).toEqual(['old']);
    expect((await readdir(folder)).filter((name) => name !== 'gpu')).toEqual([]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const work = install(await serve(await packTarball(files)), stop.signal, () => stop.abort());
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
