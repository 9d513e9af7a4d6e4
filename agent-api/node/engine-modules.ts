import type { LocalRuntimeName } from '@scarmonit/core/registry/version-spec';

const engineModules: Readonly<Record<LocalRuntimeName, string>> = {
  'llama-cpp': '@scarmonit/adapters/runtimes/llama-cpp/engine-module',
  onnx: '@scarmonit/adapters/runtimes/onnx/engine',
};

/** The module that the processes of a local runtime import as their engine. */
export function findEngineModule(runtime: LocalRuntimeName): URL {
  return new URL(import.meta.resolve(engineModules[runtime]));
}

/** Whether there is an engine with this name here. */
export function isLocalRuntime(name: string): name is LocalRuntimeName {
  return Object.hasOwn(engineModules, name);
}
