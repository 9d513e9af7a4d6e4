import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { OnnxConfig } from './parse-config.ts';
import type { FromSession, PaddedRows, ToSession } from './session-protocol.ts';
import type { TokenIds } from './tokenize.ts';

/** A model in memory. */
export interface Session {
  /**
   * One inference.
   * @returns the vector (or the logits) of each row, in order; views of one buffer
   * @throws ScarmonitError `engine_failure`; the runtime's own words are its cause
   */
  run(rows: readonly TokenIds[]): Promise<readonly Float32Array[]>;
  /** Frees the model. No inference may be running. */
  close(): Promise<void>;
}

export interface SessionSettings {
  /** A view of a buffer that is given away. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly config: OnnxConfig;
  readonly threads: number;
  readonly padId: number;
}

const workerProgram = new URL(`./session-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Loads a model in a thread of its own: onnxruntime-node computes on the thread that calls it, and this one has to go
 * on taking requests, tokenizing, cancelling and refusing.
 * @throws ScarmonitError `engine_failure` with the reason
 */
export async function openSession({ model, config, threads, padId }: SessionSettings): Promise<Session> {
  const worker = new Worker(workerProgram);
  // If the thread dies the error is nobody's to handle: it ends the process, and the host restarts it.
  let waiting: { resolve(rows: FromSession): void } | undefined;
  worker.on('message', (message: FromSession) => waiting?.resolve(message));
  const ask = (message: ToSession, transfer: ArrayBuffer[]) =>
    new Promise<FromSession>((resolve) => {
      waiting = { resolve };
      worker.postMessage(message, transfer);
    });

  // The bytes move to the thread and are freed there once the model is open.
  const opened = await ask({ type: 'open', model, config, threads }, [model.buffer]);
  if (opened.type === 'failed') {
    await worker.terminate();
    throw new ScarmonitError('engine_failure', opened.message);
  }
  return {
    async run(rows) {
      const padded = padRows(rows, padId);
      const answer = await ask({ type: 'run', ...padded }, [padded.ids.buffer, padded.lengths.buffer]);
      if (answer.type === 'rows') return splitRows(answer.values, rows.length, answer.width);
      const reason = answer.type === 'failed' ? answer.message : answer.type;
      throw new ScarmonitError('engine_failure', 'The model failed to compute an answer.', { cause: reason });
    },
    async close() {
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage({ type: 'close' } satisfies ToSession);
      await ended;
    },
  };
}

/** Lays rows of different lengths out as one matrix, filled up with the padding id. */
function padRows(rows: readonly TokenIds[], padId: number): PaddedRows {
  const lengths = Int32Array.from(rows, (row) => row.length);
  const columns = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const ids = new Int32Array(rows.length * columns).fill(padId);
  for (const [index, row] of rows.entries()) ids.set(row, index * columns);
  return { ids, lengths, rows: rows.length, columns };
}

function splitRows(values: Float32Array, rows: number, width: number): Float32Array[] {
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width));
}
