import type { ModelRuntime } from '@scarmonit/core/ports/model-runtime';
import { SupervisedVersion, type SupervisedVersionOptions } from './supervised-version.ts';

export type { EngineEvent } from './supervised-version.ts';
export type EngineProcessRuntimeOptions = SupervisedVersionOptions;

/**
 * A runtime that keeps each loaded version in a process of its own, so that an engine that crashes, leaks or is killed
 * for memory takes down only itself: its requests in flight fail with `engine_failure`, further ones with `not_ready`
 * until it is back (0.5 s later, then 1, 2, … 30 s), and all other versions go on.
 *
 * The engine is a module that exports `createEngine` (see `@scarmonit/core/ports/engine`); it is imported by the child
 * process only.
 */
export function createEngineProcessRuntime(options: EngineProcessRuntimeOptions): ModelRuntime {
  return {
    load: (spec, artifactPath, signal) => SupervisedVersion.load(options, spec, Promise.resolve(artifactPath), signal),
  };
}
