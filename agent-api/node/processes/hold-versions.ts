import type { LoadedVersion, ModelRuntime, Runtimes } from '@scarmonit/core/ports/model-runtime';

/**
 * Runtimes whose engines stay until nobody sends them work any more: a version that left the table here is still in the
 * table of another process for a moment.
 * @param untilFollowed resolves when every process has the table as it is now
 */
export function holdVersions(runtimes: Runtimes, untilFollowed: () => Promise<void>): Runtimes {
  const hold = (runtime: ModelRuntime): ModelRuntime => ({
    load: async (...load) => {
      const loaded = await runtime.load(...load);
      let unloading: Promise<void> | undefined;
      const unload = (): Promise<void> => {
        unloading ??= untilFollowed().then(() => loaded.unload());
        return unloading;
      };
      return { ...loaded, unload } satisfies LoadedVersion;
    },
  });
  const { 'llama-cpp': llama, onnx } = runtimes;
  return {
    ...runtimes,
    ...(llama === undefined ? {} : { 'llama-cpp': hold(llama) }),
    ...(onnx === undefined ? {} : { onnx: hold(onnx) }),
  };
}
