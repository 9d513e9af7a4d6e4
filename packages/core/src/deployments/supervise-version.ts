import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ArtifactStore, PullProgress } from '../ports/artifact-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoadedVersion, Runtimes } from '../ports/model-runtime.ts';
import { type ArtifactSpec, hasArtifact, type RuntimeName, type VersionSpec } from '../registry/version-spec.ts';
import type { VersionState } from '../services/agent-services.ts';

/** What a host hears while versions come and go. */
export interface VersionEvents {
  onState?(spec: VersionSpec, state: VersionState, reason: string | undefined): void;
  onPullProgress?(spec: VersionSpec, progress: PullProgress): void;
}

export interface SupervisorPorts {
  readonly artifacts: ArtifactStore;
  readonly runtimes: Runtimes;
  readonly clock: Clock;
  readonly events: VersionEvents;
  /**
   * Registers a version the first time that it could be loaded, so that it can never be edited afterwards. Versions that
   * never ran stay free to be corrected. @throws ScarmonitError `conflict` when it is registered with other content
   */
  register(spec: VersionSpec): Promise<void>;
}

const firstRetryMs = 5_000;
const longestRetryMs = 300_000;
/** An engine that is not ready by then never will be; its process is ended and the load tried again later. */
const loadTimeoutMs = 600_000;

/**
 * Brings one version from its artifact to `ready`, keeps it there, and takes it down.
 *
 * `pending → loading → ready → draining → unloaded`; a load that fails is `failed` and tried again with back-off; an
 * engine that crashed is `restarting` until its runtime has it back.
 */
export class VersionSupervisor {
  #spec: VersionSpec;
  readonly #ports: SupervisorPorts;
  readonly #stopping = new AbortController();
  #state: VersionState = 'pending';
  #reason: string | undefined;
  #loaded: LoadedVersion | undefined;
  #starting: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(spec: VersionSpec, ports: SupervisorPorts) {
    this.#spec = spec;
    this.#ports = ports;
  }

  get spec(): VersionSpec {
    return this.#spec;
  }

  /**
   * Checks what may change without a new version: prices, deadline, mirrors of the artifact, keys and weights of upstreams.
   * @returns what takes it over
   * @throws ScarmonitError `invalid_request` when the loaded version cannot
   */
  prepareUpdate(spec: VersionSpec): () => void {
    const updateLoaded = prepareLoaded(this.#loaded, spec);
    return () => {
      this.#spec = spec;
      updateLoaded?.();
    };
  }

  get state(): VersionState {
    return this.#state;
  }

  /** Why it is `failed` or `restarting`. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Starts loading, if that has not begun. Resolves when the latest attempt has ended; {@link state} tells how. */
  start(): Promise<void> {
    this.#starting ??= this.#load(firstRetryMs);
    return this.#starting;
  }

  /**
   * The loaded version, to run a request on.
   * @throws ScarmonitError `not_ready` with the reason
   */
  use(): LoadedVersion {
    if (this.#state === 'ready' && this.#loaded !== undefined) return this.#loaded;
    const because = this.#reason === undefined ? '' : `: ${this.#reason}`;
    throw new ScarmonitError(
      'not_ready',
      `The model '${this.spec.model}' version ${this.spec.version} is ${this.#state}${because}`,
      { code: 'model_not_ready', retryAfterMs: this.#state === 'failed' ? 30_000 : 2_000 },
    );
  }

  /** The loaded version whatever its state, for figures. */
  get loaded(): LoadedVersion | undefined {
    return this.#loaded;
  }

  /** Takes no more work, waits for what is in flight, and frees everything. */
  async stop(): Promise<void> {
    this.#stopping.abort(new ScarmonitError('cancelled', 'The version is being unloaded.'));
    this.#cancelRetry?.();
    await this.#starting;
    if (this.#loaded !== undefined) {
      this.#become('draining');
      await this.#loaded.unload();
      this.#loaded = undefined;
    }
    this.#become('unloaded');
  }

  async #load(retryMs: number): Promise<void> {
    this.#become('loading');
    try {
      const spec = this.#spec;
      const loaded = await this.#open(spec);
      this.#loaded = loaded;
      // It may have been updated meanwhile.
      if (spec !== this.#spec) prepareLoaded(loaded, this.#spec)?.();
      await this.#ports.register(this.#spec);
      loaded.onStateChange?.((state, reason) => this.#become(state, reason));
      this.#become('ready');
    } catch (error) {
      await this.#discard();
      if (this.#stopping.signal.aborted) return;
      this.#become('failed', error instanceof Error ? error.message : String(error));
      this.#cancelRetry = this.#ports.clock.schedule(retryMs, () => {
        this.#starting = this.#load(Math.min(retryMs * 2, longestRetryMs));
      });
    }
  }

  async #open(spec: VersionSpec): Promise<LoadedVersion> {
    const { runtimes, artifacts, clock } = this.#ports;
    if (spec.runtime === 'openai-compatible') return required(runtimes, spec.runtime).load(spec);
    if (spec.runtime === 'workers-ai') return required(runtimes, spec.runtime).load(spec);
    const runtime = required(runtimes, spec.runtime);
    const sha256 = await this.#pull(spec.artifact);
    const timeout = new AbortController();
    const cancelTimeout = clock.schedule(loadTimeoutMs, () => timeout.abort());
    const signal = AbortSignal.any([this.#stopping.signal, timeout.signal]);
    try {
      return await runtime.load(spec, artifacts.verify(sha256, { unlessUnchanged: true }), signal);
    } finally {
      cancelTimeout();
    }
  }

  /** Gives up what was loaded but could not be registered. */
  async #discard(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.unload();
  }

  /** Fetches the artifact if it is not here. @returns its digest */
  async #pull(artifact: ArtifactSpec): Promise<string> {
    if ((await this.#ports.artifacts.find(artifact.sha256)) === undefined) {
      await this.#ports.artifacts.pull(artifact, {
        signal: this.#stopping.signal,
        onProgress: (progress) => this.#ports.events.onPullProgress?.(this.spec, progress),
      });
    }
    return artifact.sha256;
  }

  #become(state: VersionState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#ports.events.onState?.(this.spec, state, reason);
  }
}

function prepareLoaded(loaded: LoadedVersion | undefined, spec: VersionSpec): (() => void) | undefined {
  return hasArtifact(spec) ? undefined : loaded?.prepareUpdate?.(spec);
}

/** @throws ScarmonitError `unsupported` when the host does not have the runtime */
function required<Name extends RuntimeName>(runtimes: Runtimes, name: Name): NonNullable<Runtimes[Name]> {
  const runtime = runtimes[name];
  if (runtime !== undefined) return runtime;
  const known = Object.keys(runtimes).join(', ') || 'none';
  throw new ScarmonitError('unsupported', `This host does not run runtime ${name}. It runs ${known}.`);
}
