import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeUnwantedParts } from './remove-unwanted-parts.ts';

const now = Date.UTC(2026, 0, 10);
const hourMs = 3_600_000;
const wantedSha = 'a'.repeat(64);
const otherSha = 'b'.repeat(64);

describe('removing parts that no version wants', () => {
  let dataDir: string;
  let folder: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'unwanted-parts-'));
    folder = join(dataDir, 'artifacts', 'partial');
    await mkdir(folder, { recursive: true });
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const leave = async (name: string, hoursAgo: number): Promise<void> => {
    await writeFile(join(folder, name), 'half');
    const writtenAt = new Date(now - hoursAgo * hourMs);
    await utimes(join(folder, name), writtenAt, writtenAt);
  };
  const prune = () => removeUnwantedParts({ dataDir, wanted: new Set([wantedSha]), now });

  it('removes them a day after the last write, and keeps the wanted ones however old', async () => {
    await leave(`${otherSha}.part`, 25);
    await leave(`${'c'.repeat(64)}.part`, 23);
    await leave(`${wantedSha}.part`, 1000);
    expect(await prune()).toEqual([`${otherSha}.part`]);
    expect((await readdir(folder)).sort()).toEqual([`${wantedSha}.part`, `${'c'.repeat(64)}.part`]);
  });

  it('removes those of killed processes and leaves those of living ones', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', '']);
    await leave(`${otherSha}.${pid}.part`, 25);
    await leave(`${otherSha}.${process.ppid}.part`, 25);
    await leave(`${wantedSha}.${pid}.part`, 25);
    expect(await prune()).toEqual([`${otherSha}.${pid}.part`]);
    expect((await readdir(folder)).length).toBe(2);
  });

  it('touches nothing else, and needs no folder', async () => {
    await leave('notes.part', 100);
    await leave(`${otherSha}.artifact`, 100);
    expect(await prune()).toEqual([]);
    expect(await readdir(folder)).toHaveLength(2);
    expect(await removeUnwantedParts({ dataDir: join(dataDir, 'new'), wanted: new Set(), now })).toEqual([]);
  });
});
