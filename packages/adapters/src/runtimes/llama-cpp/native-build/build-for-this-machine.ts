import { fileURLToPath } from 'node:url';
import { requireBuildTools } from './find-build-tools.ts';
import { loadNativeBuild } from './native-build.ts';
import { type BuildProgress, runBuildStep } from './run-build-step.ts';

export interface NativeBuildRequest {
  /** Compile it even if it is there. */
  readonly again: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  onProgress?(progress: BuildProgress): void;
}

/**
 * Compiles llama.cpp for the processor of this machine, from the sources that node-llama-cpp carries: nothing is
 * downloaded. The runtime takes it from its next start on. It lies within node-llama-cpp's folder and stays until
 * another version of that is installed.
 * @returns false when it was there already
 * @throws ScarmonitError `unsupported` when a program is missing, `engine_failure` with the compiler's last words,
 *   `cancelled` when aborted
 */
export async function buildForThisMachine({ again, env, signal, onProgress }: NativeBuildRequest): Promise<boolean> {
  if (!again && (await hasNativeBuild())) return false;
  requireBuildTools(process.platform, env.PATH ?? '');
  await runBuildStep({
    command: process.execPath,
    args: [fileURLToPath(import.meta.resolve('./compile-native-build.ts'))],
    env,
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return true;
}

async function hasNativeBuild(): Promise<boolean> {
  const llama = await loadNativeBuild();
  await llama?.dispose();
  return llama !== undefined;
}
