import type { LocalVersionSpec } from '../registry/version-spec.ts';
import type { LoadedVersion } from './model-runtime.ts';

/**
 * A local engine, as it runs inside a process of its own. The module that is handed to the engine process
 * exports `createEngine: EngineFactory`; the engine-process adapter speaks to it and is the only one that knows of
 * processes.
 */
export type EngineFactory = (spec: LocalVersionSpec, artifactPath: string) => Promise<Engine>;

/** The module of an engine, as the engine process imports it. */
export interface EngineModule {
  readonly createEngine: EngineFactory;
  /** Starts what does not depend on the artifact, such as loading native libraries, while the artifact is being checked. */
  prepareEngine?(): void;
}

/** What an engine does; process figures (memory, pid, crashes) are added by the adapter. */
export type Engine = Omit<LoadedVersion, 'stats' | 'onStateChange' | 'forward'> & {
  stats(): EngineFigures;
};

export interface EngineFigures {
  readonly running: number;
  readonly queued: number;
  readonly slots: number;
  readonly queueLimit: number;
  readonly batchSizes: Readonly<Record<number, number>>;
}
