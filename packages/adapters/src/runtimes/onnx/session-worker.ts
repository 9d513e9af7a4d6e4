/** The program of a session's thread: one model, one inference at a time. */
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxConfig } from './parse-config.ts';
import { poolRows } from './pool-rows.ts';
import type { FromSession, PaddedRows, ToSession } from './session-protocol.ts';

type Inputs = Record<string, Tensor>;

interface OpenModel {
  readonly session: InferenceSession;
  readonly config: OnnxConfig;
}

const knownInputs = ['input_ids', 'attention_mask', 'token_type_ids'];
let open: OpenModel | undefined;

parentPort?.on('message', async (message: ToSession) => {
  try {
    if (message.type === 'open') {
      open = { session: await openModel(message.model, message.config, message.threads), config: message.config };
      reply({ type: 'opened' }, []);
    } else if (message.type === 'run') {
      const { values, width } = await infer(open, message);
      reply({ type: 'rows', values, width }, [values.buffer as ArrayBuffer]);
    } else {
      await open?.session.release();
      parentPort?.close();
    }
  } catch (error) {
    reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) }, []);
  }
});

function reply(message: FromSession, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}

async function openModel(model: Uint8Array, config: OnnxConfig, threads: number): Promise<InferenceSession> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Patterns are kept for each shape that was ever seen, and here every batch has its own.
    enableMemPattern: false,
  });
  if (!session.inputNames.includes('input_ids')) {
    throw new Error(`model.onnx has no input "input_ids", but ${session.inputNames.join(', ')}`);
  }
  const unknown = session.inputNames.find((name) => !knownInputs.includes(name));
  if (unknown !== undefined)
    throw new Error(`model.onnx wants an input "${unknown}", which this runtime does not give`);
  if (!session.outputNames.includes(config.output)) {
    throw new Error(`model.onnx has no output "${config.output}", but ${session.outputNames.join(', ')}`);
  }
  return session;
}

async function infer(model: OpenModel | undefined, batch: PaddedRows) {
  if (model === undefined) throw new Error('no model is open');
  const { session, config } = model;
  const inputs: Inputs = {};
  for (const name of session.inputNames) {
    inputs[name] = new Tensor('int64', createInput(name, batch), [batch.rows, batch.columns]);
  }
  const output = (await session.run(inputs, [config.output]))[config.output];
  if (!(output?.data instanceof Float32Array)) throw new Error(`output "${config.output}" is not of float32`);
  const { values, width } = poolRows(
    { data: output.data, dims: output.dims },
    batch.lengths,
    config.pooling,
    config.normalize,
  );
  // The runtime's memory cannot change hands between threads.
  return { values: values.slice(), width };
}

/**
 * The values of one input. Written as pairs of 32-bit words, since making a BigInt for each token costs more than all
 * the rest; like ONNX Runtime itself it expects a little-endian machine. Token types are all 0.
 */
function createInput(name: string, { ids, lengths, rows, columns }: PaddedRows): BigInt64Array {
  const values = new BigInt64Array(rows * columns);
  const words = new Int32Array(values.buffer);
  if (name === 'input_ids') {
    for (const [index, id] of ids.entries()) words[index * 2] = id;
  } else if (name === 'attention_mask') {
    for (let row = 0; row < rows; row += 1) {
      const start = row * columns;
      for (let index = start; index < start + (lengths[row] ?? 0); index += 1) words[index * 2] = 1;
    }
  }
  return values;
}
