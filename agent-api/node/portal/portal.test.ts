import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildPortal } from './build-portal.ts';
import { openPortalFiles } from './open-portal-files.ts';

const modules = resolve(import.meta.dirname, '../../../node_modules');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-portal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};

describe('the files of the portal', () => {
  it('are read with their kind, packed where that helps', async () => {
    const text = 'x'.repeat(1000);
    write('dist/assets/main.js', text);
    write('dist/tiny.svg', '<svg/>');
    const files = openPortalFiles(async () => join(folder, 'dist'));
    const script = await files.find('/assets/main.js');
    expect(script).toMatchObject({ contentType: 'text/javascript; charset=utf-8' });
    expect(script?.etag).toMatch(/^"[\w-]{22}"$/);
    expect(script?.packed.map(({ encoding }) => encoding)).toEqual(['gzip']);
    expect(gunzipSync(script?.packed[0]?.body ?? new Uint8Array()).toString()).toBe(text);
    expect((await files.find('/tiny.svg'))?.packed).toEqual([]);
  });

  it('are packed better where the build has done so, and that is no file of its own', async () => {
    write('dist/assets/main.js', 'x'.repeat(1000));
    write('dist/assets/main.js.br', 'made by the build');
    const files = openPortalFiles(async () => join(folder, 'dist'));
    const [best, other] = (await files.find('/assets/main.js'))?.packed ?? [];
    expect([best?.encoding, new TextDecoder().decode(best?.body), other?.encoding]).toEqual([
      'br',
      'made by the build',
      'gzip',
    ]);
    expect(await files.find('/assets/main.js.br')).toBeUndefined();
  });

  it.each(['/../secret.json', '/%2e%2e/secret.json', '/assets/../../secret.json', '/%zz.js', '/gone.js', '/secret'])(
    'are no others: %s',
    async (path) => {
      write('secret.json', '{}');
      write('dist/secret', 'no kind that is known');
      expect(await openPortalFiles(async () => join(folder, 'dist')).find(path)).toBeUndefined();
    },
  );
});

describe('building the portal', () => {
  const said: string[] = [];
  const build = (): Promise<string> => buildPortal({ folder, onProgress: (message) => said.push(message) });
  const writeSources = (): void => {
    symlinkSync(modules, join(folder, 'node_modules'));
    write('package.json', '{"type":"module"}');
    write('vite.config.ts', 'export default {}');
    write('index.html', '<script type="module" src="/src/main.ts"></script>');
    write('src/main.ts', 'document.title = "one";');
  };
  beforeEach(() => {
    said.length = 0;
  });

  it('takes what was published without sources as it is', async () => {
    write('dist/index.html', 'published');
    expect(await build()).toBe(join(folder, 'dist'));
    expect(said).toEqual([]);
  });

  it('is done once, and again when a source has changed, whatever the times say', async () => {
    writeSources();
    await build();
    expect(existsSync(join(folder, 'dist/index.html'))).toBe(true);
    expect(said).toHaveLength(2);
    utimesSync(join(folder, 'src/main.ts'), new Date(), new Date());
    await build();
    expect(said).toHaveLength(2);
    write('src/main.ts', 'document.title = "two";');
    await build();
    expect(said).toHaveLength(4);
  });

  it('fails in the words of the builder, and leaves nothing half-made', async () => {
    writeSources();
    write('src/main.ts', 'import "./gone.ts";');
    await expect(build()).rejects.toThrow(/could not be built: .*gone/s);
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });
});
