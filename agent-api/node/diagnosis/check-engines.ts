import { describeBuild } from '@scarmonit/adapters/runtimes/llama-cpp/describe-build';
import type { Check } from './finding.ts';

/** Which build of llama.cpp runs, where a model needs one. */
export const checkEngines: Check = async ({ manifest }) => {
  const versions = (manifest?.models ?? []).flatMap((model) => model.versions);
  if (!versions.some(({ runtime }) => runtime === 'llama-cpp')) return [];
  try {
    const { isNative, gpu } = await describeBuild();
    if (gpu !== undefined) return [{ status: 'ok', message: `llama.cpp computes on the graphics card (${gpu}).` }];
    const message = isNative
      ? 'llama.cpp is compiled for this processor.'
      : "llama.cpp is the build that was installed; 'scarmonit engines build' compiles a faster one for this processor.";
    return [{ status: 'ok', message }];
  } catch (error) {
    const message = `llama.cpp cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
    return [{ status: 'fail', message, fix: "Run 'npm install' again, or 'scarmonit engines build --again'." }];
  }
};
