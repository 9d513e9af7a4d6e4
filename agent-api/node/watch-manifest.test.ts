import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import type { ManifestChanges } from '@scarmonit/core/services/agent-services';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManifestWatch, watchManifest } from './watch-manifest.ts';

const nothing: ManifestChanges = { added: [], removed: [], switched: [], rollouts: [], unchanged: [] };
let folder: string;
let path: string;
let watching: ManifestWatch | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-watch-'));
  path = join(folder, 'scarmonit.yaml');
  writeFileSync(path, 'one');
});
afterEach(() => {
  watching?.close();
  rmSync(folder, { recursive: true, force: true });
});

function watchFile(): { readonly applied: string[]; readonly refused: unknown[] } {
  const applied: string[] = [];
  const refused: unknown[] = [];
  watching = watchManifest({
    path,
    applied: 'one',
    clock: createSystemClock(),
    apply: async (text) => {
      if (text.includes('bad')) throw new Error('line 1 is bad');
      applied.push(text);
      return nothing;
    },
    onApplied: () => undefined,
    onRefused: (error) => refused.push(error),
  });
  return { applied, refused };
}

describe('watching the manifest', () => {
  it('applies a file that was written to, and one that was renamed into place', async () => {
    const { applied } = watchFile();
    writeFileSync(path, 'two');
    await expect.poll(() => applied).toEqual(['two']);
    writeFileSync(`${path}.new`, 'three');
    renameSync(`${path}.new`, path);
    await expect.poll(() => applied).toEqual(['two', 'three']);
  });

  it('reports a bad file and applies the next good one', async () => {
    const { applied, refused } = watchFile();
    writeFileSync(path, 'bad');
    await expect.poll(() => refused).toHaveLength(1);
    writeFileSync(path, 'good');
    await expect.poll(() => applied).toEqual(['good']);
  });

  it('applies at once what changed before it began to watch', async () => {
    writeFileSync(path, 'changed meanwhile');
    const { applied } = watchFile();
    await expect.poll(() => applied).toEqual(['changed meanwhile']);
  });

  it('goes on without noticing changes when the folder cannot be watched', async () => {
    rmSync(folder, { recursive: true });
    const { refused } = watchFile();
    expect(String(refused[0])).toContain('send SIGHUP');
  });

  it('applies on demand, changed or not', async () => {
    const { applied } = watchFile();
    await watching?.reload();
    await watching?.reload();
    expect(applied).toEqual(['one', 'one']);
  });

  it('reports a file that is gone', async () => {
    const { refused } = watchFile();
    rmSync(path);
    await watching?.reload();
    expect(String(refused.at(-1))).toContain('ENOENT');
  });
});
