import cluster, { type Worker } from 'node:cluster';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Handlers } from '@scarmonit/adapters/process-channel/contract';
import type { HttpProcessContract, PrimaryContract } from '@scarmonit/adapters/process-channel/http-process-contract';
import { openProcessChannel, type ProcessChannel } from '@scarmonit/adapters/process-channel/process-channel';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';
import { returnConnections } from './return-connections.ts';

const program = fileURLToPath(new URL(`./http-process-main${extname(import.meta.url)}`, import.meta.url));

export interface HttpProcessOptions {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly handlers: Handlers<PrimaryContract>;
  /** From which it reads the same settings as this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** 1, 2, 3, … The process that takes the place of one that ended has the same. */
  readonly place: number;
  /** Told when it does not do in time what it must, before it is killed. */
  onLate(what: string): void;
}

/** One process that answers HTTP requests over the listening socket that it shares with others. */
export class HttpProcess {
  readonly #worker: Worker;
  readonly #options: HttpProcessOptions;
  readonly #channel: ProcessChannel<HttpProcessContract>;
  #isStarted = false;
  /** Resolves when it is gone, with how that came. */
  readonly ended: Promise<string>;

  constructor(options: HttpProcessOptions) {
    this.#options = options;
    // The primary hands each new connection to the next process, so that no process gets them all.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced' });
    this.#worker = cluster.fork(options.env);
    returnConnections(this.#worker.process);
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', (code, signal) => {
        this.#channel.close();
        resolve(signal === null ? `ended with exit code ${code}` : `was killed (${signal})`);
      });
      this.#worker.on('error', (error) => {
        // What could not be sent to it says no more than its exit does.
        if (this.#worker.process.pid === undefined) resolve(`could not be run: ${error.message}`);
      });
    });
    this.#channel = openProcessChannel<PrimaryContract, HttpProcessContract>(
      this.#worker.process,
      () => options.handlers,
    );
  }

  get processId(): number {
    return this.#worker.process.pid ?? 0;
  }

  /** @throws what keeps it from listening */
  async start(state: Parameters<HttpProcessContract['calls']['start']>[0]): Promise<{ readonly url: string }> {
    const started = await this.#channel.call('start', state);
    this.#isStarted = true;
    return started;
  }

  /** @returns undefined when it does not say in time */
  async measure(withinMs: number): Promise<ProcessFigures | undefined> {
    const giveUp = new AbortController();
    const stopWaiting = this.#options.clock.schedule(withinMs, () => giveUp.abort());
    try {
      const figures = await this.#channel.call('measure', undefined, giveUp.signal);
      return { ...figures, process: `http-${this.#options.place}` };
    } catch {
      return undefined;
    } finally {
      stopWaiting();
    }
  }

  /**
   * Asks for something that every process must do. Resolves when it has; one that has not in time is killed, so that none
   * goes on with what is no longer true. One that has not started yet will have done it before it listens, and is not
   * waited for. Never rejects.
   */
  async must<Name extends Exclude<keyof HttpProcessContract['calls'], 'start' | 'measure'>>(
    name: Name,
    argument: Parameters<HttpProcessContract['calls'][Name]>[0],
    withinMs: number,
  ): Promise<void> {
    const done = this.#channel.call(name, argument);
    if (!this.#isStarted) {
      done.catch(() => this.kill());
      return;
    }
    const stopWaiting = this.#options.clock.schedule(withinMs, () => {
      this.#options.onLate(name);
      this.kill();
    });
    try {
      await done;
    } catch {
      // It is gone, and whoever takes its place starts with what is true then; or it could not, and must not go on.
      this.kill();
    } finally {
      stopWaiting();
    }
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  /** It ends by itself when nobody speaks to it any more. */
  leave(): void {
    if (this.#worker.process.connected) this.#worker.process.disconnect();
  }
}
