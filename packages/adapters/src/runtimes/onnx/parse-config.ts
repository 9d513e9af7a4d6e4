import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** How the tokens' outputs become one vector: the graph did it (`none`), their mean, or the first token's. */
export type Pooling = 'none' | 'mean' | 'cls';

/** `config.json` of an artifact of runtime `onnx`: what the graph cannot say of itself. */
export interface OnnxConfig {
  readonly task: 'embedding' | 'classification';
  /** Name of the output to read: f32 `[batch, width]`, or `[batch, sequence, width]` when it is pooled here. */
  readonly output: string;
  /** Most tokens of one text that the model reads, special tokens included. */
  readonly maxTokens: number;
  readonly pooling: Pooling;
  /** Scale vectors to unit length here. */
  readonly normalize: boolean;
  /** For `classification`, in the order of the logits; empty otherwise. */
  readonly labels: readonly string[];
}

/**
 * Reads `config.json`.
 * @throws ScarmonitError `engine_failure` that names the key and what it may be
 */
export function parseConfig(text: string): OnnxConfig {
  const config = parseObject(text);
  const { task, output, maxTokens, pooling = 'none', normalize = false, labels = [], emptyInput = 'reject' } = config;
  if (task !== 'embedding' && task !== 'classification') throw wrong('task', '"embedding" or "classification"');
  if (typeof output !== 'string' || output === '') throw wrong('output', "the name of one of the graph's outputs");
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw wrong('maxTokens', 'a whole number above 0');
  }
  if (pooling !== 'none' && pooling !== 'mean' && pooling !== 'cls') throw wrong('pooling', '"none", "mean" or "cls"');
  if (typeof normalize !== 'boolean') throw wrong('normalize', 'true or false');
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) {
    throw wrong('labels', 'a list of texts');
  }
  if (task === 'classification' && labels.length < 2) throw wrong('labels', 'a list of at least two texts');
  if (emptyInput !== 'reject') throw wrong('emptyInput', '"reject"');
  return { task, output, maxTokens, pooling, normalize, labels };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below: it is the same to the reader.
  }
  throw new ScarmonitError('engine_failure', 'config.json of the artifact is not a JSON object.');
}

function wrong(key: string, expected: string): ScarmonitError {
  return new ScarmonitError('engine_failure', `config.json of the artifact: "${key}" must be ${expected}.`);
}
