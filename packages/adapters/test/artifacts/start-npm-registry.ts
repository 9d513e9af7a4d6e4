import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { startHttpServer, type TestServer } from './start-http-server.ts';

export interface TestPackage {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Damages the tarball after its integrity was written down. */
  readonly damaged?: boolean;
}

/** A registry with a few packages: packuments and tarballs, as npm and pacote ask for them. */
export async function startNpmRegistry(
  packages: readonly TestPackage[],
  isAllowed: (request: IncomingMessage) => boolean = () => true,
): Promise<TestServer> {
  const tarballs = new Map(packages.map((item) => [`/${item.name}/-/${item.version}.tgz`, packTarball(item)]));
  const server = await startHttpServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const tarball = tarballs.get(path);
    const found = packages.find(({ name }) => path === `/${name}`);
    if (!isAllowed(request)) {
      response.writeHead(401).end();
    } else if (tarball !== undefined) {
      response.writeHead(200, { 'content-length': tarball.sent.byteLength }).end(tarball.sent);
    } else if (found !== undefined) {
      const { name, version } = found;
      const tarballPath = `/${name}/-/${version}.tgz`;
      const dist = { tarball: `${server.url}${tarballPath}`, integrity: tarballs.get(tarballPath)?.integrity };
      const versions = { [version]: { name, version, dist } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
    } else {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    }
  });
  return server;
}

interface PackedTarball {
  readonly integrity: string;
  readonly sent: Uint8Array;
}

const packed = new WeakMap<TestPackage, PackedTarball>();

function packTarball(item: TestPackage): PackedTarball {
  const known = packed.get(item) ?? packFiles(item);
  packed.set(item, known);
  return known;
}

function packFiles({ files, damaged }: TestPackage): PackedTarball {
  const tar = createTar(Object.entries(files).map(([name, data]) => ({ name: `package/${name}`, data })));
  const tarball = gzipSync(tar);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return { integrity, sent: damaged ? tarball.map((byte, index) => (index === 100 ? byte ^ 1 : byte)) : tarball };
}
