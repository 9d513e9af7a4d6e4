import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinModules } from './join-modules.mjs';

let modules: string;
beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), 'scarmonit-join-'));
});
afterEach(() => rmSync(modules, { recursive: true, force: true }));

describe('joinModules', () => {
  it('makes one file of a package that exports the same, however often it is called', async () => {
    const name = 'kysely';
    const installed = resolve('node_modules', name);
    cpSync(installed, join(modules, name), { recursive: true });
    for (let call = 0; call < 2; call += 1) {
      const [entry = '', ...others] = await joinModules(modules);
      expect(others).toEqual([]);
      const path = join(modules, entry);
      expect(readFileSync(path, 'utf8')).not.toMatch(/^(import|export) .* from '\./m);
      const [exported, expected] = await Promise.all([
        import(`${pathToFileURL(path)}?call=${call}`),
        import(pathToFileURL(join(installed, entry.slice(name.length + 1))).href),
      ]);
      expect(Object.keys(exported).sort()).toEqual(Object.keys(expected).sort());
    }
  });

  it('leaves an install without these packages alone', async () => {
    mkdirSync(join(modules, 'other'));
    expect(await joinModules(modules)).toEqual([]);
  });
});
