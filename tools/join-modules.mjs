// Joins packages of very many small modules into one file each, in place: finding, reading and linking a module costs a
// start about half a millisecond, and kysely's 255 were a quarter of all that the host imports. What a package exports
// stays the same. npm never misses the rest: it looks at versions, and a new version brings all of its files again. An
// install without this step works as well, it only starts later. Plain JavaScript, because it belongs to the install.

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Pure ECMAScript without dependencies, files that it reads, or other entries that share its state. */
const joined = ['kysely'];

/**
 * @param {string} modules path of node_modules
 * @returns {Promise<string[]>} the files that now hold whole packages, relative to `modules`
 */
export async function joinModules(modules) {
  const { rolldown } = await import('rolldown');
  const entries = [];
  for (const name of joined) {
    const entry = findEntry(modules, name);
    if (entry === undefined) continue;
    const path = join(modules, entry);
    const fresh = `${path}.joined-${process.pid}`;
    const bundle = await rolldown({ input: path, platform: 'neutral', treeshake: false });
    try {
      await bundle.write({ file: fresh, format: 'esm', codeSplitting: false });
      renameSync(fresh, path);
    } finally {
      await bundle.close();
      rmSync(fresh, { force: true });
    }
    entries.push(entry);
  }
  return entries;
}

/** The file that `import` of the package begins with, where the package is installed. */
function findEntry(modules, name) {
  const description = join(modules, name, 'package.json');
  if (!existsSync(description)) return undefined;
  const { '.': main } = JSON.parse(readFileSync(description, 'utf8')).exports;
  return join(name, main.import ?? main.default);
}
