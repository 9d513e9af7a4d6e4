import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findGpuPackages } from './find-gpu-packages.ts';

describe('findGpuPackages', () => {
  it.each([
    ['cuda', 'linux', ['@node-llama-cpp/linux-x64-cuda', '@node-llama-cpp/linux-x64-cuda-ext']],
    ['vulkan', 'win32', ['@node-llama-cpp/win-x64-vulkan']],
  ] as const)('names the packages of %s on %s, beside the build that is installed', async (gpu, platform, names) => {
    const packages = await findGpuPackages(gpu, { platform, arch: 'x64' });
    expect(packages.map(({ name }) => name)).toEqual(names);
    for (const { version, directory } of packages) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(existsSync(dirname(directory))).toBe(true);
    }
  });

  it('says what there is instead where there is no such build', async () => {
    await expect(findGpuPackages('cuda', { platform: 'darwin', arch: 'arm64' })).rejects.toThrow('Metal');
    await expect(findGpuPackages('vulkan', { platform: 'linux', arch: 'arm64' })).rejects.toThrow('runs on the CPU');
  });
});
