// Joins packages of very many small modules into one file each, in place: finding, reading and linking a module costs a
// start about half a millisecond, and kysely's 255 were a quarter of all that the host imports. What a package exports
// stays the same. npm never misses the rest: it looks at versions, and a new version brings all of its files again. An
// install without this step works as well, it only starts later. Plain JavaScript, because it belongs to the install.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

/**
 * Packages without files that they read, and without other entries that share classes or state with the first. The host
 * imports kysely and yaml, node-llama-cpp the rest.
 * @type {Readonly<Record<string, 'esm' | 'cjs'>>}
 */
const joined = {
  'env-var': 'cjs',
  'fs-extra': 'cjs',
  ipull: 'esm',
  kysely: 'esm',
  'lifecycle-utils': 'esm',
  yaml: 'cjs',
};

/**
 * @param {string} modules path of node_modules
 * @returns {Promise<string[]>} the files that now hold whole packages, relative to `modules`
 */
export async function joinModules(modules) {
  const files = [];
  for (const [name, format] of Object.entries(joined)) {
    const entry = findEntry(modules, name);
    if (entry === undefined) continue;
    // What a CommonJS file exports is seen from outside only in small files: the joined one stands behind the entry.
    const file = format === 'cjs' ? `${entry.replace(/\.js$/, '')}.joined.cjs` : entry;
    await joinPackage(name, format, join(modules, entry), join(modules, file));
    files.push(file);
  }
  return files;
}

async function joinPackage(name, format, entry, file) {
  if (file !== entry && existsSync(file)) return;
  const { rolldown } = await import('rolldown');
  const fresh = `${file}.${process.pid}`;
  const isOfOthers = (id) => /^[^./\\]/.test(id) && id !== name && !/^[A-Za-z]:[\\/]/.test(id);
  const bundle = await rolldown({ input: entry, platform: 'node', treeshake: false, external: isOfOthers });
  try {
    await bundle.write({ file: fresh, format, codeSplitting: false, exports: 'auto' });
    renameSync(fresh, file);
    if (file === entry) return;
    writeFileSync(fresh, writeEntry(`./${basename(file)}`, createRequire(entry)(file)));
    renameSync(fresh, entry);
  } finally {
    await bundle.close();
    rmSync(fresh, { force: true });
  }
}

/** The last line never runs, but tells Node which names an `import` may take. */
function writeEntry(file, exported) {
  const names = Object.keys(exported).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  return `const joined = require('${file}');\nmodule.exports = joined;\n0 && (module.exports = { ${names.join(', ')} });\n`;
}

/** The file that `import` of the package begins with under Node, where the package is installed. */
function findEntry(modules, name) {
  const description = join(modules, name, 'package.json');
  if (!existsSync(description)) return undefined;
  const { exports, main } = JSON.parse(readFileSync(description, 'utf8'));
  return join(name, resolveConditions(exports?.['.']) ?? main);
}

function resolveConditions(target) {
  if (typeof target !== 'object') return target;
  const condition = Object.keys(target).find((name) => ['node', 'import', 'default'].includes(name));
  return condition === undefined ? undefined : resolveConditions(target[condition]);
}
