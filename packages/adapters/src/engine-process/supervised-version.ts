import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { EngineStats, GenerateEvent, GenerateRequest, LoadedVersion } from '@scarmonit/core/ports/model-runtime';
import type { LocalVersionSpec } from '@scarmonit/core/registry/version-spec';
import { BackOff } from './back-off.ts';
import { type Departure, EngineProcess, type EngineProcessOptions } from './engine-process.ts';

/** What a host may want to log or count, of one version. */
export type EngineEvent = EngineNews & { readonly model: string; readonly version: string };

type EngineNews =
  | { readonly type: 'ready'; readonly processId: number; readonly loadMs: number }
  | {
      readonly type: 'restarting';
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly lastLines: readonly string[];
    };

export interface SupervisedVersionOptions extends EngineProcessOptions {
  /** Each line that an engine writes to stdout or stderr: native libraries log there. */
  onLog?(line: string, spec: LocalVersionSpec): void;
  onEvent?(event: EngineEvent): void;
  /**
   * Called before each restart, to compare the artifact's digest once more (before the first load the caller has done
   * it). When it rejects, that restart has failed with its reason.
   */
  checkArtifact?(spec: LocalVersionSpec): Promise<unknown>;
}

type StateListener = Parameters<NonNullable<LoadedVersion['onStateChange']>>[0];

/** After so long without a crash the next one starts at the shortest delay again. */
const healthyAfterMs = 60_000;

/**
 * A version across the lives of its processes: one at a time, and after a crash the next, with back-off, until it is
 * unloaded. A restart that fails is tried again.
 */
export class SupervisedVersion {
  readonly #options: SupervisedVersionOptions;
  readonly #spec: LocalVersionSpec;
  readonly #artifactPath: Promise<string>;
  readonly #backOff = new BackOff();
  readonly #listeners = new Set<StateListener>();
  readonly #unloaded = new AbortController();
  #process: EngineProcess | undefined;
  #restarting: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #unloading: Promise<void> | undefined;
  #crashes = 0;
  #reason = '';
  #readyAgainAt = 0;
  #loadMs = 0;
  #lastStats: EngineStats = {
    residentBytes: 0,
    running: 0,
    queued: 0,
    slots: 0,
    queueLimit: 0,
    batchSizes: {},
    crashes: 0,
  };

  /** @throws ScarmonitError `engine_failure` when the first process cannot load it; then nothing is left behind */
  static async load(
    options: SupervisedVersionOptions,
    spec: LocalVersionSpec,
    artifactPath: Promise<string>,
    signal?: AbortSignal,
  ): Promise<LoadedVersion> {
    const version = new SupervisedVersion(options, spec, artifactPath);
    const stop = (): void => version.#unloaded.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return version.#expose(await version.#start());
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  private constructor(options: SupervisedVersionOptions, spec: LocalVersionSpec, artifactPath: Promise<string>) {
    this.#options = options;
    this.#spec = spec;
    this.#artifactPath = artifactPath;
  }

  /** The methods that the engine has, and no others. */
  #expose({ abilities }: EngineProcess): LoadedVersion {
    return {
      ...(abilities.includes('generate') ? { generate: (request, { signal }) => this.#generate(request, signal) } : {}),
      ...(abilities.includes('embed')
        ? { embed: async (request, { signal }) => this.#use().embed(request, signal) }
        : {}),
      ...(abilities.includes('classify')
        ? { classify: async (request, { signal }) => this.#use().classify(request, signal) }
        : {}),
      stats: () => this.#stats(),
      onStateChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      unload: () => {
        this.#unloading ??= this.#unload();
        return this.#unloading;
      },
    } satisfies LoadedVersion;
  }

  /** @throws ScarmonitError `not_ready` */
  #use(): EngineProcess {
    const name = `The model '${this.#spec.model}' version ${this.#spec.version}`;
    if (this.#unloading !== undefined) throw new ScarmonitError('not_ready', `${name} is being unloaded.`);
    if (this.#process !== undefined) return this.#process;
    throw new ScarmonitError('not_ready', `${name} is restarting: ${this.#reason}.`, {
      retryAfterMs: Math.max(500, Math.ceil(this.#readyAgainAt - this.#options.clock.monotonicMs())),
    });
  }

  /** Whatever is wrong is told at the first read, as all other failures of a stream are. */
  #generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    try {
      return this.#use().generate(request, signal);
    } catch (error) {
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
    }
  }

  async #start(): Promise<EngineProcess> {
    const { clock } = this.#options;
    const startedAt = clock.monotonicMs();
    const engine = await EngineProcess.start(this.#options, {
      spec: this.#spec,
      artifactPath: this.#artifactPath,
      signal: this.#unloaded.signal,
      onLog: (line) => this.#options.onLog?.(line, this.#spec),
      onCrash: (departure) => this.#afterCrash(departure),
    });
    this.#process = engine;
    this.#loadMs = clock.monotonicMs() - startedAt;
    this.#cancelTimer = clock.schedule(healthyAfterMs, () => this.#backOff.reset());
    this.#tell({ type: 'ready', processId: engine.processId, loadMs: this.#loadMs });
    return engine;
  }

  #afterCrash(departure: Departure): void {
    this.#process = undefined;
    this.#crashes += 1;
    this.#retryLater(`the engine process ${departure.how}`, departure.lastLines);
  }

  #retryLater(reason: string, lastLines: readonly string[]): void {
    this.#cancelTimer?.();
    if (this.#unloading !== undefined) return;
    const delayMs = this.#backOff.next();
    this.#reason = reason;
    this.#readyAgainAt = this.#options.clock.monotonicMs() + delayMs + this.#loadMs;
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#restarting = this.#restart();
    });
    this.#tell({ type: 'restarting', reason, retryAfterMs: delayMs, lastLines });
    for (const listener of this.#listeners) listener('restarting', reason);
  }

  async #restart(): Promise<void> {
    try {
      await this.#options.checkArtifact?.(this.#spec);
      await this.#start();
      for (const listener of this.#listeners) listener('ready', undefined);
    } catch (error) {
      this.#retryLater(error instanceof Error ? error.message.replace(/\.$/u, '') : String(error), []);
    } finally {
      this.#restarting = undefined;
    }
  }

  async #stats(): Promise<EngineStats> {
    const engine = this.#process;
    const current = await engine?.stats();
    if (engine !== undefined && current !== undefined && engine === this.#process) {
      const { figures, residentBytes } = current;
      this.#lastStats = { ...figures, residentBytes, processId: engine.processId, crashes: this.#crashes };
      return this.#lastStats;
    }
    const { processId: _gone, ...rest } = this.#lastStats;
    return { ...rest, residentBytes: 0, running: 0, queued: 0, crashes: this.#crashes };
  }

  async #unload(): Promise<void> {
    // Let `#unloading` be set first: whatever happens from here on starts nothing new.
    await undefined;
    if (this.#process === undefined) this.#unloaded.abort();
    this.#cancelTimer?.();
    await this.#restarting;
    await this.#process?.dispose();
    this.#cancelTimer?.();
    this.#process = undefined;
  }

  #tell(news: EngineNews): void {
    this.#options.onEvent?.({ ...news, model: this.#spec.model, version: this.#spec.version });
  }
}
