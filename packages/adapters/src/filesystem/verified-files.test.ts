import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOnceUnchanged } from './verified-files.ts';

let folder: string;
let path: string;
let checks: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-verified-'));
  path = join(folder, 'file');
  checks = 0;
  await writeFile(path, 'good');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function check(): Promise<void> {
  checks += 1;
}

const verify = (by = check) => checkOnceUnchanged(path, join(folder, 'stamps', 'file'), by);

describe('checkOnceUnchanged', () => {
  it('checks a file that nothing has changed once', async () => {
    await verify();
    await verify();
    expect(checks).toBe(1);
  });

  it.each([
    [
      'written to, its size and times as before',
      async () => {
        await writeFile(path, 'evil');
        await utimes(path, 0, 0);
      },
    ],
    [
      'replaced by another',
      async () => {
        await writeFile(join(folder, 'other'), 'evil');
        await rename(join(folder, 'other'), path);
      },
    ],
  ])('checks a file again that was %s', async (_how, change) => {
    await utimes(path, 0, 0);
    await verify();
    // Again and again: a change within the same tick of the kernel's clock cannot be seen.
    await expect
      .poll(async () => {
        await change();
        await verify();
        return checks;
      })
      .toBe(2);
  });

  it('keeps no word of a file that did not pass', async () => {
    const refuse = () => Promise.reject(new Error('damaged'));
    await expect(verify(refuse)).rejects.toThrow('damaged');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('does not vouch for what was written while it was read', async () => {
    await expect
      .poll(async () => {
        checks = 0;
        await verify(async () => {
          await writeFile(path, 'evil');
        });
        await verify();
        return checks;
      })
      .toBe(1);
  });

  it('checks each time where it cannot keep its word', async () => {
    await writeFile(join(folder, 'stamps'), 'a file, no folder');
    await verify();
    await verify();
    expect(checks).toBe(2);
  });
});
