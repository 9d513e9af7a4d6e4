import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** What a version of runtime `onnx` may set under `options`. */
export interface OnnxOptions {
  /** Threads of one inference. More than one pays only on cores that have nothing else to do. */
  readonly threads: number;
  /** Most texts in one inference. */
  readonly maxBatch: number;
  /** How long a text waits for others to share its batch with, at the most, while the engine is free. */
  readonly maxDelayMs: number;
  /** Most texts that wait; more are refused with `overloaded`. */
  readonly queueLimit: number;
  /** Cut texts that are too long, instead of refusing them. */
  readonly truncate: boolean;
  /** The model was trained so that a prefix of its vector is a vector (Matryoshka): `dimensions` may ask for one. */
  readonly matryoshka: boolean;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

const defaults: OnnxOptions = {
  threads: 1,
  maxBatch: 64,
  maxDelayMs: 2,
  queueLimit: 1_024,
  truncate: false,
  matryoshka: false,
};

const bounds: Readonly<Record<string, Bounds>> = {
  threads: { least: 1, most: 256, whole: true },
  maxBatch: { least: 1, most: 1_024, whole: true },
  maxDelayMs: { least: 0, most: 1_000, whole: false },
  queueLimit: { least: 1, most: 1_000_000, whole: true },
};

/**
 * Checks the options of a version and fills in the defaults.
 * @throws ScarmonitError `invalid_request` that names the key and what it may be
 */
export function parseOptions(options: Readonly<Record<string, unknown>>): OnnxOptions {
  for (const [key, value] of Object.entries(options)) {
    if (!(key in defaults)) {
      throw invalid(key, `is not known; runtime onnx knows ${Object.keys(defaults).join(', ')}`);
    }
    const range = bounds[key];
    if (range === undefined) {
      if (typeof value !== 'boolean') throw invalid(key, 'must be true or false');
    } else if (!isWithin(value, range)) {
      throw invalid(key, `must be a ${range.whole ? 'whole ' : ''}number from ${range.least} to ${range.most}`);
    }
  }
  return { ...defaults, ...options };
}

function isWithin(value: unknown, { least, most, whole }: Bounds): boolean {
  return typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
}

function invalid(key: string, what: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `The option '${key}' ${what}.`, { param: `options.${key}` });
}
