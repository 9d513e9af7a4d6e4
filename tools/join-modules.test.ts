import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { joinModules } from './join-modules.mjs';

let modules: string;
beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), 'scarmonit-join-'));
});
afterEach(() => rmSync(modules, { recursive: true, force: true }));

describe('joinModules', () => {
  it.each(['env-var', 'fs-extra', 'ipull', 'kysely', 'lifecycle-utils', 'yaml'])(
    'makes one file of %s that exports the same, however often it is called',
    async (name) => {
      // Within the project's node_modules, where what the package imports is found.
      const folder = mkdtempSync(resolve('node_modules', '.scarmonit-join-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const installed = resolve('node_modules', name);
      cpSync(installed, join(folder, name), { recursive: true });
      for (let call = 0; call < 2; call += 1) {
        const [file = '', ...others] = await joinModules(folder);
        expect(others).toEqual([]);
        expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(
          /^(import|export) .* from '\.|\brequire\(["']\.\.?\//m,
        );
        const entry = file.replace('.joined.cjs', '.js');
        const [exported, expected] = await Promise.all([
          import(`${pathToFileURL(join(folder, entry))}?call=${call}`),
          import(pathToFileURL(join(installed, entry.slice(name.length + 1))).href),
        ]);
        // Of a CommonJS package an `import` may name more than before: Node sees the names now.
        const named = (names: object): string[] => Object.keys(names).sort();
        expect(named(exported)).toEqual(expect.arrayContaining(named(expected)));
        expect(named(exported.default ?? exported)).toEqual(named(expected.default ?? expected));
      }
    },
  );

  it('leaves an install without these packages alone', async () => {
    mkdirSync(join(modules, 'other'));
    expect(await joinModules(modules)).toEqual([]);
  });
});
