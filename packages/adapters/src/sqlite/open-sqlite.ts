import { Worker } from 'node:worker_threads';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import type { DatabaseAnswer, DatabaseRequest, SqliteFailure } from './database-messages.ts';
import { describeFailure } from './describe-failure.ts';

export interface SqliteDatabase extends SqlDatabase {
  /** Reads from the file. @throws ScarmonitError `internal` when that fails or takes longer than two seconds */
  check(): Promise<void>;
  /**
   * Reads the whole file and says what is wrong with it (`PRAGMA quick_check`); empty when it is sound. Takes as long as
   * the file is large.
   */
  findDamage(): Promise<readonly string[]>;
  /** Finishes the work that was handed in, then closes the file. Idempotent. */
  close(): Promise<void>;
}

type Results = readonly (readonly SqlRow[])[];

interface Waiting {
  resolve(results: Results): void;
  reject(error: Error): void;
}

const CHECK_TIMEOUT_MS = 2_000;

/**
 * Opens or creates a SQLite file in a thread of its own: `node:sqlite` blocks while the disk writes, and a busy disk
 * (a model is being downloaded) must not hold up answers. Work is done in the order of the calls. When the file cannot
 * be opened, every call says so: ScarmonitError `internal` that names the file and the way out.
 * Unfinished work keeps the process alive, an idle database does not.
 * @param path a file in a folder that exists, or `:memory:`
 */
export function openSqlite(path: string): SqliteDatabase {
  const thread = startThread(path);
  let closing: Promise<void> | undefined;
  return {
    dialect: 'sqlite',
    async query(statement) {
      const [rows = []] = await thread.ask({ kind: 'query', statement });
      return rows;
    },
    async batch(statements) {
      return statements.length === 0 ? [] : thread.ask({ kind: 'batch', statements });
    },
    async check() {
      const answer = thread.ask({
        kind: 'query',
        statement: { sql: 'select count(*) from sqlite_schema', parameters: [] },
      });
      await withDeadline(answer, CHECK_TIMEOUT_MS, () => describeFailure(path, { message: 'it does not answer' }));
    },
    async findDamage() {
      const [rows = []] = await thread.ask({ kind: 'find-damage' });
      return rows.map((row) => String(row.quick_check));
    },
    close() {
      closing ??= thread.ask({ kind: 'close' }).then(thread.stop, thread.stop);
      return closing;
    },
  };
}

async function withDeadline(work: Promise<unknown>, timeoutMs: number, tooLate: () => Error): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), timeoutMs);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

// Without the union being distributed, `Omit` would keep only the fields that all kinds have.
type Task = DatabaseRequest extends infer Request ? (Request extends unknown ? Omit<Request, 'id'> : never) : never;

function startThread(path: string) {
  const worker = new Worker(new URL('./database-worker.ts', import.meta.url), {
    workerData: path,
    // Its garbage dies young: more room for it is only memory that is never given back.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let stopped: Error | undefined;

  const settle = (id: number, use: (waiter: Waiting) => void): void => {
    const waiter = waiting.get(id);
    if (waiter === undefined) return;
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    use(waiter);
  };

  const stopWith = (failure: SqliteFailure): void => {
    stopped ??= describeFailure(path, failure);
    const error = stopped;
    for (const id of [...waiting.keys()]) settle(id, (waiter) => waiter.reject(error));
  };

  worker.on('message', (answer: DatabaseAnswer) => {
    if (answer.kind === 'cannot-open') return stopWith(answer.failure);
    settle(answer.id, (waiter) => {
      if (answer.kind === 'done') waiter.resolve(answer.results);
      else waiter.reject(describeFailure(path, answer.failure));
    });
  });
  worker.on('error', (error) => stopWith({ message: error instanceof Error ? error.message : String(error) }));
  worker.on('exit', () => stopWith({ message: 'it is closed' }));

  return {
    ask(task: Task): Promise<Results> {
      if (stopped !== undefined) return Promise.reject(stopped);
      lastId += 1;
      const id = lastId;
      return new Promise<Results>((resolve, reject) => {
        worker.postMessage({ ...task, id });
        waiting.set(id, { resolve, reject });
        worker.ref();
      });
    },
    async stop(): Promise<void> {
      await worker.terminate();
    },
  };
}
