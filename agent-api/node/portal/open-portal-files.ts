import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PortalFile, PortalFiles } from '@scarmonit/server/portal/portal-files';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/**
 * The built portal, read when it is first asked for and kept: it is less than a megabyte.
 * @param build resolves with the folder of the built files; rejected, every file fails with its reason
 */
export function openPortalFiles(build: () => Promise<string>): PortalFiles {
  const kept = new Map<string, Promise<PortalFile | undefined>>();
  return {
    async find(path) {
      const folder = await build();
      const file = resolve(folder, `.${decode(path)}`);
      const contentType = contentTypes[extname(file)];
      if (contentType === undefined || !file.startsWith(folder + sep)) return undefined;
      const known = kept.get(file) ?? readPortalFile(file, contentType);
      kept.set(file, known);
      // What is not there is not kept: strangers may ask for any number of names.
      if ((await known) === undefined) kept.delete(file);
      return known;
    },
  };
}

async function readPortalFile(path: string, contentType: string): Promise<PortalFile | undefined> {
  const body = await readFile(path).catch(() => undefined);
  if (body === undefined) return undefined;
  // Made by the build, for what is worth it: it takes seconds.
  const brotli = await readFile(`${path}.br`).catch(() => undefined);
  const gzipped = await promisify(gzip)(body, { level: 9 });
  return {
    contentType,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    body: new Uint8Array(body),
    packed: [
      ...(brotli === undefined ? [] : [{ encoding: 'br', body: new Uint8Array(brotli) } as const]),
      ...(gzipped.length < body.length ? [{ encoding: 'gzip', body: new Uint8Array(gzipped) } as const] : []),
    ],
  };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
