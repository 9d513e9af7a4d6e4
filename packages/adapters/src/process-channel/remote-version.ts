import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateEvent, LoadedVersion, ModelRuntime, RequestContext } from '@scarmonit/core/ports/model-runtime';
import type { Asking } from './contract.ts';
import type { AskedOfVersion, PrimaryContract, PublishedVersion } from './http-process-contract.ts';

type StateListener = Parameters<NonNullable<LoadedVersion['onStateChange']>>[0];
type Primary = Pick<Asking<PrimaryContract>, 'call' | 'stream'>;

/**
 * A version whose engine the primary runs, as a runtime that loads that one version: loading waits until the primary has
 * loaded it, and what is asked of it is asked of the primary.
 */
export class RemoteVersion implements ModelRuntime {
  readonly #primary: Primary;
  #known: PublishedVersion;
  #waiting: (() => void)[] = [];
  readonly #listeners = new Set<StateListener>();
  #inFlight = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(primary: Primary, known: PublishedVersion) {
    this.#primary = primary;
    this.#known = known;
  }

  /** Takes over what the primary says of it now. */
  note(known: PublishedVersion): void {
    const before = this.#known;
    this.#known = known;
    if (known.state === before.state && known.reason === before.reason) return;
    for (const wake of this.#waiting.splice(0)) wake();
    if (known.state !== 'ready' && known.state !== 'restarting') return;
    for (const listener of this.#listeners) listener(known.state, known.reason);
  }

  async load(_spec: unknown, _artifactPath: unknown, signal?: AbortSignal): Promise<LoadedVersion> {
    while (this.#known.state !== 'ready') {
      const { state, reason = 'it cannot be loaded' } = this.#known;
      if (state === 'failed') throw new ScarmonitError('engine_failure', reason);
      if (signal?.aborted === true) throw signal.reason;
      await this.#untilNews(signal);
    }
    return this.#expose();
  }

  #untilNews(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The methods that the engine has, and no others. */
  #expose(): LoadedVersion {
    const { abilities, id } = this.#known;
    const primary = this.#primary;
    const ask = <Request>(request: Request, { requestId }: RequestContext): AskedOfVersion<Request> => ({
      versionId: id,
      request,
      requestId,
    });
    return {
      ...(abilities.includes('generate')
        ? {
            generate: (request, context) =>
              this.#countStream(primary.stream('generate', ask(request, context), context.signal), context.signal),
          }
        : {}),
      ...(abilities.includes('embed')
        ? { embed: (request, context) => this.#count(primary.call('embed', ask(request, context), context.signal)) }
        : {}),
      ...(abilities.includes('classify')
        ? {
            classify: (request, context) =>
              this.#count(primary.call('classify', ask(request, context), context.signal)),
          }
        : {}),
      stats: () => primary.call('stats', id),
      onStateChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      unload: () => this.#idle(),
    } satisfies LoadedVersion;
  }

  async #count<Result>(work: Promise<Result>): Promise<Result> {
    this.#inFlight += 1;
    try {
      return await work;
    } finally {
      this.#finish();
    }
  }

  /**
   * Counts a stream from its first read to its end, whoever ends it. Nobody may look at it again when a client has left, or
   * when the last event was read.
   */
  #countStream(items: AsyncIterableIterator<GenerateEvent>, signal: AbortSignal): AsyncIterableIterator<GenerateEvent> {
    let phase: 'new' | 'open' | 'over' = 'new';
    const begin = (): void => {
      if (phase !== 'new') return;
      phase = 'open';
      this.#inFlight += 1;
      signal.addEventListener('abort', finish, { once: true });
    };
    const finish = (): void => {
      if (phase === 'open') this.#finish();
      phase = 'over';
      signal.removeEventListener('abort', finish);
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        begin();
        try {
          const result = await items.next();
          if (result.done === true || result.value.type === 'finish') finish();
          return result;
        } catch (error) {
          finish();
          throw error;
        }
      },
      return: async () => {
        finish();
        return (await items.return?.()) ?? { done: true, value: undefined };
      },
    };
  }

  #finish(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  async #idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }
}
