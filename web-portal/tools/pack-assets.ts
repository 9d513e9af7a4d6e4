import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smaller ones travel in a packet or two all the same. */
const worthwhileBytes = 1024;

/**
 * Puts each script and style of a build beside itself as Brotli packs it best (RFC 7932), a tenth smaller than gzip does:
 * too slow to be done for an answer.
 */
export function packAssets(): Plugin {
  return {
    name: 'pack-assets',
    apply: 'build',
    async writeBundle({ dir }) {
      if (dir === undefined) return;
      for await (const name of glob('assets/*.{css,js}', { cwd: dir })) {
        const body = await readFile(join(dir, name));
        if (body.length < worthwhileBytes) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(body, { params }));
      }
    },
  };
}
