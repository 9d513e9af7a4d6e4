import { readFile } from 'node:fs/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { parseTar } from 'nanotar';
import { type OnnxConfig, parseConfig } from './parse-config.ts';

/** An artifact of runtime `onnx`, opened. */
export interface OnnxArtifact {
  /** The bytes of the ONNX model; a view of the whole file. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** `tokenizer.json` in the format of Hugging Face tokenizers, parsed. */
  readonly tokenizer: object;
  readonly config: OnnxConfig;
}

const entries = ['model.onnx', 'tokenizer.json', 'config.json'] as const;

/**
 * Opens an artifact: an uncompressed tar with `model.onnx`, `tokenizer.json` and `config.json`.
 * @throws ScarmonitError `engine_failure` that says what is missing or wrong
 */
export async function readArtifact(path: string): Promise<OnnxArtifact> {
  const bytes = await readFile(path);
  // nanotar reads the whole underlying buffer, and that of a small file is a slice of Node's pool.
  const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name, data } of isTar(whole) ? parseTar(whole) : []) {
    if (data !== undefined) found.set(name.replace(/^\.\//u, ''), data as Uint8Array<ArrayBuffer>);
  }

  const read = (name: (typeof entries)[number]): Uint8Array<ArrayBuffer> => {
    const data = found.get(name);
    if (data !== undefined) return data;
    const has = found.size === 0 ? 'it is no tar' : `it has ${[...found.keys()].slice(0, 10).join(', ')}`;
    throw new ScarmonitError(
      'engine_failure',
      `The artifact is not what runtime onnx reads: a tar with ${entries.join(', ')}. There is no ${name}: ${has}.`,
    );
  };
  const text = (name: (typeof entries)[number]) => new TextDecoder().decode(read(name));
  return {
    model: read('model.onnx'),
    tokenizer: parseJson(text('tokenizer.json')),
    config: parseConfig(text('config.json')),
  };
}

/** The magic of POSIX and GNU tar alike. */
function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar';
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new ScarmonitError('engine_failure', 'tokenizer.json of the artifact is not a JSON object.');
}
