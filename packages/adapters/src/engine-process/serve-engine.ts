import type { ErrorData } from '@scarmonit/core/errors/scarmonit-error';
import { toErrorData } from '@scarmonit/core/errors/scarmonit-error';
import type { Engine, EngineModule } from '@scarmonit/core/ports/engine';
import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { packVectors } from './pack-vectors.ts';
import { type Ability, eventWindow, type FromEngine, type ToEngine } from './protocol.ts';

/** What the process around an engine provides. */
export interface EngineSurroundings {
  importEngine(moduleUrl: string): Promise<EngineModule>;
  send(message: FromEngine): void;
  residentBytes(): number;
  /** For the operator: what went wrong in the engine's own words. */
  log(error: unknown): void;
  /** Called after everything is freed, or after loading failed; what was sent before still has to go out. */
  finish(exitCode: number): void;
}

interface Running {
  readonly abort: AbortController;
  credit: number;
  resume: (() => void) | undefined;
}

/** The engine's side of the protocol. Hand each message to {@link receive}. */
export class EngineServer {
  readonly #surroundings: EngineSurroundings;
  readonly #running = new Map<number, Running>();
  #module: Promise<EngineModule> | undefined;
  #engine: Engine | undefined;

  constructor(surroundings: EngineSurroundings) {
    this.#surroundings = surroundings;
  }

  receive(message: ToEngine): void {
    switch (message.type) {
      case 'prepare':
        this.#module = this.#surroundings.importEngine(message.engineModule).then((engineModule) => {
          engineModule.prepareEngine?.();
          return engineModule;
        });
        // `load` reports it; until then nobody may be waiting.
        this.#module.catch(() => undefined);
        break;
      case 'load':
        void this.#load(message);
        break;
      case 'generate':
        void this.#answer(message.id, (signal) => this.#stream(message.id, message.request, signal));
        break;
      case 'embed':
        void this.#answer(message.id, async (signal) => {
          const result = await this.#can('embed')(message.request, { signal });
          return { type: 'embedded', id: message.id, ...packVectors(result) };
        });
        break;
      case 'classify':
        void this.#answer(message.id, async (signal) => {
          const result = await this.#can('classify')(message.request, { signal });
          return { type: 'classified', id: message.id, result };
        });
        break;
      case 'cancel': {
        const running = this.#running.get(message.id);
        running?.abort.abort();
        running?.resume?.();
        break;
      }
      case 'taken': {
        const running = this.#running.get(message.id);
        if (running === undefined) break;
        running.credit += message.count;
        running.resume?.();
        break;
      }
      case 'stats':
        if (this.#engine === undefined) break;
        this.#surroundings.send({
          type: 'stats',
          figures: this.#engine.stats(),
          residentBytes: this.#surroundings.residentBytes(),
        });
        break;
      case 'unload':
        void this.#unload();
        break;
    }
  }

  async #load(message: Extract<ToEngine, { type: 'load' }>): Promise<void> {
    try {
      const engineModule = await this.#module;
      if (engineModule === undefined) throw new Error("'load' came before 'prepare'");
      const engine = await engineModule.createEngine(message.spec, message.artifactPath);
      this.#engine = engine;
      const abilities = (['generate', 'embed', 'classify'] as const).filter((name) => engine[name] !== undefined);
      this.#surroundings.send({ type: 'loaded', abilities, figures: engine.stats() });
    } catch (error) {
      this.#surroundings.log(error);
      this.#surroundings.send({ type: 'load-failed', error: toErrorData(error, 'engine_failure') });
      this.#surroundings.finish(1);
    }
  }

  async #unload(): Promise<void> {
    try {
      await this.#engine?.unload();
      this.#surroundings.finish(0);
    } catch (error) {
      this.#surroundings.log(error);
      this.#surroundings.finish(1);
    }
  }

  /** Runs one request from its first to its closing message. */
  async #answer(id: number, run: (signal: AbortSignal) => Promise<FromEngine>): Promise<void> {
    const running: Running = { abort: new AbortController(), credit: eventWindow, resume: undefined };
    this.#running.set(id, running);
    try {
      this.#surroundings.send(await run(running.abort.signal));
    } catch (error) {
      this.#surroundings.send({ type: 'failed', id, error: this.#publicError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  async #stream(id: number, request: GenerateRequest, signal: AbortSignal): Promise<FromEngine> {
    const running = this.#running.get(id);
    for await (const event of this.#can('generate')(request, { signal })) {
      if (signal.aborted) break;
      this.#surroundings.send({ type: 'event', id, event });
      if (running === undefined) continue;
      running.credit -= 1;
      while (running.credit <= 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          running.resume = resolve;
        });
        running.resume = undefined;
      }
    }
    return { type: 'end', id };
  }

  #can<Name extends Ability>(name: Name): NonNullable<Engine[Name]> {
    const engine = this.#engine;
    const method = engine?.[name];
    if (engine === undefined || method === undefined) throw new Error(`the engine has no '${name}'`);
    return method.bind(engine) as NonNullable<Engine[Name]>;
  }

  /** An engine's own words may hold paths and prompts: they go to the log, and the caller gets a plain sentence. */
  #publicError(error: unknown): ErrorData {
    const data = toErrorData(error);
    const isCancelled = error instanceof Error && error.name === 'AbortError';
    if ((data.kind === 'internal' || data.kind === 'engine_failure') && !isCancelled) this.#surroundings.log(error);
    if (data.kind !== 'internal') return data;
    return { kind: 'engine_failure', message: 'The engine failed to answer this request.' };
  }
}
