import { loadBackend } from './load-backend.ts';

/** Which llama.cpp versions run on that choose none by `options.build`. */
export interface BuildDescription {
  /** Compiled on this machine, by `scarmonit engines build`. */
  readonly isNative: boolean;
  /** What it computes on beside the processor: `cuda`, `vulkan` or `metal`. */
  readonly gpu: string | undefined;
}

/**
 * Loads llama.cpp as an engine would, and tells which build that is.
 * @throws Error in llama.cpp's words when none can be loaded
 */
export async function describeBuild(): Promise<BuildDescription> {
  const { buildType, gpu } = await loadBackend('auto');
  return { isNative: buildType === 'localBuild', gpu: gpu === false ? undefined : gpu };
}
