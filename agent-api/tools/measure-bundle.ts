import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Small enough to start quickly, and within Cloudflare's free plan. */
export const mostGzippedBytes = 1024 * 1024;

/** The size of what is uploaded: the modules that `wrangler deploy --outdir` wrote, without source maps and notes. */
export function measureBundle(folder: string): { readonly bytes: number; readonly gzippedBytes: number } {
  const modules = readdirSync(folder)
    .filter((name) => /\.(js|mjs|wasm)$/.test(name))
    .map((name) => readFileSync(join(folder, name)));
  return {
    bytes: modules.reduce((sum, module) => sum + module.byteLength, 0),
    gzippedBytes: modules.reduce((sum, module) => sum + gzipSync(module).byteLength, 0),
  };
}
