import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireBuildTools } from './find-build-tools.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-tools-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function install(...programs: string[]): Promise<void> {
  for (const program of programs) {
    await writeFile(join(folder, program), '');
    await chmod(join(folder, program), 0o755);
  }
}

describe('requireBuildTools', () => {
  it('is content with any compiler and any builder', async () => {
    await install('cmake', 'clang++', 'ninja', 'git');
    expect(() => requireBuildTools('linux', `/nowhere:${folder}`)).not.toThrow();
  });

  it('names what is missing and the packages that bring it', async () => {
    await install('git', 'make');
    expect(() => requireBuildTools('linux', folder)).toThrow(
      'Compiling needs programs that are not here: cmake, c++. On Debian and Ubuntu: apt-get install cmake g++',
    );
  });

  it('says what to do on a Mac', () => {
    expect(() => requireBuildTools('darwin', folder)).toThrow('xcode-select --install');
  });
});
