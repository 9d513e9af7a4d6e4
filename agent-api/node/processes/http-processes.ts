import { BackOff } from '@scarmonit/adapters/engine-process/back-off';
import type { PublishedTable } from '@scarmonit/adapters/process-channel/http-process-contract';
import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';
import type { Logger } from 'pino';
import type { HostConfig } from '../config.ts';
import type { KeyFollowers } from './announce-keys.ts';
import { answerHttpProcess, type PrimaryParts } from './answer-http-process.ts';
import { HttpProcess } from './http-process.ts';

export interface HttpProcessesOptions {
  readonly config: Pick<HostConfig, 'processes' | 'npmEnvironment'>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What the processes work with; it is made after they are announced to those that tell them of changes. */
export interface SharedState extends PrimaryParts {
  listKeys(): Promise<readonly ApiKey[]>;
  publishTable(): PublishedTable;
}

/** A process that does not know of a key's change by then is killed. */
const keyPatienceMs = 5_000;
/** Following a table may open connections and import what they need. */
const tablePatienceMs = 30_000;
/** For handing in records, after what was in flight has ended. */
const handInPatienceMs = 10_000;
/** Whoever collects figures waits for as long. */
const measurePatienceMs = 1_000;
const healthyAfterMs = 60_000;

/**
 * The HTTP processes of one host: forked by the primary, started with what it knows, told of every change before those who
 * made it are answered, and started again with back-off (0.5 s, doubling to 30 s) when they end by themselves.
 */
export class HttpProcesses implements KeyFollowers {
  readonly #options: HttpProcessesOptions;
  readonly #running = new Set<HttpProcess>();
  readonly #cancelRestarts = new Set<() => void>();
  #state: SharedState | undefined;
  #phase: 'starting' | 'running' | 'closing' = 'starting';
  #isTableDue = false;
  #followed: Promise<void> = Promise.resolve();

  constructor(options: HttpProcessesOptions) {
    this.#options = options;
  }

  /**
   * Starts all processes. Resolves when each listens.
   * @returns where they listen
   * @throws an error whose message says what to change, such as a port that is taken
   */
  async start(state: SharedState): Promise<string> {
    this.#state = state;
    const { processes: count } = this.#options.config;
    const [first] = await Promise.all(
      Array.from({ length: count }, (_, index) => this.#startOne(state, new BackOff(), index + 1)),
    );
    if (this.#phase === 'starting') this.#phase = 'running';
    return first?.url ?? '';
  }

  addKey(key: ApiKey): Promise<void> {
    return this.#tellAll((running) => running.must('addKey', key, keyPatienceMs));
  }

  revokeKey(revoked: { readonly id: string; readonly revokedAt: number }): Promise<void> {
    return this.#tellAll((running) => running.must('revokeKey', revoked, keyPatienceMs));
  }

  /** Those that answer in time. */
  async measure(): Promise<readonly ProcessFigures[]> {
    const figures = await Promise.all([...this.#running].map((running) => running.measure(measurePatienceMs)));
    return figures.filter((one) => one !== undefined);
  }

  /** Something of what is served has changed; all that changes in one turn is told at once. */
  readonly onTableChange = (): void => {
    if (this.#isTableDue) return;
    this.#isTableDue = true;
    setImmediate(() => this.#publishTable());
  };

  /** Resolves when every process serves what is served now. */
  readonly untilFollowed = (): Promise<void> => {
    this.#publishTable();
    return this.#followed;
  };

  /** Drains every process: none takes new connections, requests in flight finish, records are handed in. */
  async close(timeoutMs: number): Promise<void> {
    this.#phase = 'closing';
    for (const cancel of this.#cancelRestarts) cancel();
    await this.#tellAll((running) => running.must('drain', { timeoutMs }, timeoutMs + handInPatienceMs));
    const ending = [...this.#running];
    for (const running of ending) running.leave();
    await Promise.all(ending.map(({ ended }) => ended));
  }

  async #tellAll(tell: (running: HttpProcess) => Promise<void>): Promise<void> {
    await Promise.all([...this.#running].map(tell));
  }

  #publishTable(): void {
    if (!this.#isTableDue || this.#state === undefined) return;
    this.#isTableDue = false;
    const table = this.#state.publishTable();
    this.#followed = this.#tellAll((running) => running.must('followTable', table, tablePatienceMs));
  }

  async #startOne(state: SharedState, backOff: BackOff, place: number): Promise<{ readonly url: string }> {
    const { config, clock, logger } = this.#options;
    const running: HttpProcess = new HttpProcess({
      clock,
      handlers: answerHttpProcess(state),
      env: config.npmEnvironment,
      place,
      onLate: (what) =>
        logger.error({ what, processId: running.processId }, 'an HTTP process did not answer in time and is ended'),
    });
    // Before the keys are read: it hears of what changes meanwhile, and merges.
    this.#running.add(running);
    const startedAt = clock.monotonicMs();
    const ended = running.ended.then((how) => {
      this.#running.delete(running);
      if (this.#phase === 'running')
        this.#startAgain(state, backOff, place, running, how, clock.monotonicMs() - startedAt);
      return how;
    });
    try {
      const keys = await state.listKeys();
      const started = await Promise.race([
        running.start({ keys, table: state.publishTable() }),
        ended.then((how) => Promise.reject(new Error(`An HTTP process ${how} while it was started.`))),
      ]);
      logger.info({ processId: running.processId }, 'an HTTP process is ready');
      return started;
    } catch (error) {
      running.kill();
      throw error;
    }
  }

  #startAgain(
    state: SharedState,
    backOff: BackOff,
    place: number,
    { processId }: HttpProcess,
    how: string,
    livedMs: number,
  ): void {
    const { clock, logger } = this.#options;
    if (livedMs > healthyAfterMs) backOff.reset();
    const retryAfterMs = backOff.next();
    logger.error({ processId, how, retryAfterMs }, 'an HTTP process ended; its requests in flight have failed');
    const cancel = clock.schedule(retryAfterMs, () => {
      this.#cancelRestarts.delete(cancel);
      // Its end is heard of as every other's, and calls for the next.
      this.#startOne(state, backOff, place).catch((error: unknown) =>
        logger.error({ err: error }, 'an HTTP process could not be started'),
      );
    });
    this.#cancelRestarts.add(cancel);
  }
}
