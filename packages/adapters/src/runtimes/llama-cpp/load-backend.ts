import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Llama } from 'node-llama-cpp';
import { getLlama, getLlamaGpuTypes, LlamaLogLevel } from 'node-llama-cpp';
import { loadNativeBuild } from './native-build/native-build.ts';
import type { EngineBuild } from './options.ts';

const backends = new Map<EngineBuild, Promise<Llama>>();

/**
 * Loads llama.cpp itself, each build once for the whole process: disposing it would end every model in it.
 * @throws ScarmonitError `unsupported` for `native` where nothing was compiled
 */
export function loadBackend(build: EngineBuild): Promise<Llama> {
  const loading = backends.get(build) ?? loaders[build]();
  backends.set(build, loading);
  return loading;
}

const loaders: Readonly<Record<EngineBuild, () => Promise<Llama>>> = {
  auto: async () => ((await hasGpu()) ? undefined : await loadNativeBuild()) ?? loadPrebuilt(),
  native: async () => {
    const native = await loadNativeBuild();
    if (native !== undefined) return native;
    throw new ScarmonitError(
      'unsupported',
      "llama.cpp is not compiled for this machine; run 'scarmonit engines build'",
    );
  },
  prebuilt: loadPrebuilt,
};

function loadPrebuilt(): Promise<Llama> {
  return getLlama({ build: 'never', gpu: 'auto', logLevel: LlamaLogLevel.error });
}

async function hasGpu(): Promise<boolean> {
  return (await getLlamaGpuTypes('supported')).some((type) => type !== false);
}
