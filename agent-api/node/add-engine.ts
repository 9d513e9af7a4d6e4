import { downloadTarball } from '@scarmonit/adapters/artifact-sources/npm/download-tarball';
import { readNpmConfig } from '@scarmonit/adapters/artifact-sources/npm/read-npm-config';
import { findGpuPackages, type GpuBuild } from '@scarmonit/adapters/llama-cpp-builds/find-gpu-packages';
import { installNpmPackage } from '@scarmonit/adapters/llama-cpp-builds/install-npm-package';
import { buildForThisMachine } from '@scarmonit/adapters/runtimes/llama-cpp/native-build/build-for-this-machine';
import type { BuildProgress } from '@scarmonit/adapters/runtimes/llama-cpp/native-build/run-build-step';
import type { HostConfig } from './config.ts';

export type { GpuBuild } from '@scarmonit/adapters/llama-cpp-builds/find-gpu-packages';

export interface AddEngineRequest {
  readonly gpu: GpuBuild;
  readonly signal: AbortSignal;
  /** Compressed bytes of the package that is fetched now. */
  onProgress?(name: string, receivedBytes: number): void;
}

export interface AddedPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  /** Of the unpacked files. */
  readonly bytes: number;
}

/**
 * Fetches a build of llama.cpp that the installation left out for its size, and puts it where node-llama-cpp looks.
 * @throws ScarmonitError `unsupported` for a machine that has no such build, or why it could not be fetched
 */
export async function addEngine(
  config: HostConfig,
  { gpu, signal, onProgress }: AddEngineRequest,
): Promise<readonly AddedPackage[]> {
  const packages = await findGpuPackages(gpu, process);
  const npmOptions = await readNpmConfig({ cwd: process.cwd(), env: config.npmEnvironment });
  const added: AddedPackage[] = [];
  for (const { name, version, directory } of packages) {
    const bytes = await installNpmPackage({
      name,
      version,
      directory,
      signal,
      download: (spec, file) =>
        downloadTarball({
          spec,
          file,
          npmOptions,
          signal,
          onProgress: (receivedBytes) => onProgress?.(name, receivedBytes),
        }),
    });
    added.push({ name, version, directory, bytes });
  }
  return added;
}

export interface BuildEngineRequest {
  /** Compile it even if it is there. */
  readonly again: boolean;
  readonly signal: AbortSignal;
  onProgress?(progress: BuildProgress): void;
}

/**
 * Compiles llama.cpp for the processor of this machine; the runtime takes it from its next start on.
 * @returns false when it was there already
 * @throws ScarmonitError `unsupported` when a program is missing, or why it could not be compiled
 */
export function buildEngine(config: HostConfig, { again, signal, onProgress }: BuildEngineRequest): Promise<boolean> {
  const env = { ...config.npmEnvironment };
  return buildForThisMachine({ again, env, signal, ...(onProgress === undefined ? {} : { onProgress }) });
}
