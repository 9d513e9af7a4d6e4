import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getLlama, type Llama, LlamaLogLevel, NoBinaryFoundError } from 'node-llama-cpp';

/**
 * How the binding is compiled for this machine: for all that its processor can do. node-llama-cpp keeps builds apart by
 * these settings: naming them finds this build, leaving them out finds the one that was installed.
 */
const cmakeOptions = { GGML_NATIVE: 'ON' };

/** Compiles the binding from the sources that node-llama-cpp carries. It takes minutes and tells its steps on stderr. */
export async function compileNativeBuild(): Promise<void> {
  const llama = await getLlama({ build: 'forceRebuild', gpu: false, cmakeOptions, progressLogs: 'stderr' });
  await llama.dispose();
  // They are unpacked for the build alone, and take 200 MB.
  await rm(new URL('llama.cpp', llamaFolder()), { recursive: true, force: true });
}

/**
 * Loads the build that was compiled on this machine.
 * @returns undefined when there is none for the installed version of node-llama-cpp
 */
export async function loadNativeBuild(): Promise<Llama | undefined> {
  if (!hasFinishedBuild()) return undefined;
  try {
    return await getLlama({
      build: 'never',
      usePrebuiltBinaries: false,
      gpu: false,
      cmakeOptions,
      logLevel: LlamaLogLevel.error,
    });
  } catch (error) {
    if (error instanceof NoBinaryFoundError) return undefined;
    throw error;
  }
}

/** Asked for a build that is being compiled, node-llama-cpp would wait for its end: nobody's start may take minutes. */
function hasFinishedBuild(): boolean {
  const builds = fileURLToPath(new URL('localBuilds', llamaFolder()));
  if (!existsSync(builds)) return false;
  const names = readdirSync(builds);
  return names.some((name) => existsSync(join(builds, name, 'buildDone.status')) && !names.includes(`${name}.lock`));
}

function llamaFolder(): URL {
  return new URL('../llama/', import.meta.resolve('node-llama-cpp'));
}
