import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** Graphics interfaces whose builds of llama.cpp are left out until they are asked for. */
export type GpuBuild = 'cuda' | 'vulkan';

export interface GpuPackage {
  readonly name: string;
  readonly version: string;
  /** Where it belongs, absolute. */
  readonly directory: string;
}

export interface Machine {
  /** As `process.platform` and `process.arch` name them. */
  readonly platform: string;
  readonly arch: string;
}

const platforms: Readonly<Record<string, string>> = { linux: 'linux', win32: 'win', darwin: 'mac' };

/**
 * The npm packages of a build for this machine, in the version that the installed node-llama-cpp goes with.
 * @throws ScarmonitError `unsupported` when there is no such build for the machine
 */
export async function findGpuPackages(gpu: GpuBuild, { platform, arch }: Machine): Promise<readonly GpuPackage[]> {
  const entry = fileURLToPath(import.meta.resolve('node-llama-cpp'));
  const root = entry.slice(0, entry.lastIndexOf(join('node-llama-cpp', 'dist')));
  const optional = readOptionalDependencies(await readFile(join(root, 'node-llama-cpp', 'package.json'), 'utf8'));
  const base = `@node-llama-cpp/${platforms[platform] ?? platform}-${arch}-${gpu}`;
  const packages = Object.entries(optional)
    .filter(([name]) => name === base || name === `${base}-ext`)
    .map(([name, version]) => ({ name, version, directory: join(root, ...name.split('/')) }));
  if (packages.length === 0) {
    const hint =
      platform === 'darwin'
        ? 'On macOS the installed build already uses Metal.'
        : 'Use the build that is installed, which runs on the CPU.';
    throw new ScarmonitError(
      'unsupported',
      `There is no ${gpu} build of llama.cpp for ${platform} on ${arch}. ${hint}`,
    );
  }
  return packages;
}

function readOptionalDependencies(text: string): Readonly<Record<string, string>> {
  const { optionalDependencies = {} } = JSON.parse(text) as { optionalDependencies?: Record<string, string> };
  return optionalDependencies;
}
