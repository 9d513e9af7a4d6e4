import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { isMapping } from '@scarmonit/core/upstream/parse-object';

/** What a version of runtime `openai-compatible` may set under `options`. */
export interface UpstreamOptions {
  /** How long making a connection may take. */
  readonly connectTimeoutMs: number;
  /** From a request being sent to the upstream's headers. Without streaming those come when the answer is finished. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of an answer. */
  readonly idleTimeoutMs: number;
  /** How often a request is tried again, at the most, before its first byte. */
  readonly retries: number;
  /**
   * A retry that has to wait longer than this, because the upstream says so in `Retry-After`, is left to the client or
   * to a fallback.
   */
  readonly longestRetryWaitMs: number;
  readonly breaker: BreakerOptions;
  /** Most requests at once, over all targets; more are refused with `overloaded`. */
  readonly maxInFlight: number;
}

/** When a target is taken out of rotation, and for how long. */
export interface BreakerOptions {
  /** So many failures in a row, or so many within the window that are at least half of its requests. */
  readonly failures: number;
  readonly windowMs: number;
  /** Afterwards one request is let through to see whether it is back. */
  readonly coolDownMs: number;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}

const hourMs = 3_600_000;

const bounds: Readonly<Record<Exclude<keyof UpstreamOptions, 'breaker'>, Bounds>> = {
  connectTimeoutMs: { least: 1, most: hourMs, fallback: 5_000 },
  firstByteTimeoutMs: { least: 1, most: hourMs, fallback: 60_000 },
  idleTimeoutMs: { least: 1, most: hourMs, fallback: 60_000 },
  retries: { least: 0, most: 10, fallback: 2 },
  longestRetryWaitMs: { least: 0, most: hourMs, fallback: 2_000 },
  maxInFlight: { least: 1, most: 1_000_000, fallback: 1_024 },
};

const breakerBounds: Readonly<Record<keyof BreakerOptions, Bounds>> = {
  failures: { least: 1, most: 1_000_000, fallback: 5 },
  windowMs: { least: 1_000, most: hourMs, fallback: 30_000 },
  coolDownMs: { least: 1, most: hourMs, fallback: 5_000 },
};

/**
 * Checks the options of a version and fills in the defaults.
 * @throws ScarmonitError `invalid_request` that names the key and what it may be
 */
export function parseOptions(options: Readonly<Record<string, unknown>>): UpstreamOptions {
  const { breaker = {}, ...numbers } = options;
  if (!isMapping(breaker)) {
    throw invalid('breaker', 'must be a mapping, such as { failures: 5, windowMs: 30000, coolDownMs: 5000 }');
  }
  const known = [...Object.keys(bounds), 'breaker'];
  return {
    ...readNumbers('', numbers, bounds, known),
    breaker: readNumbers('breaker.', breaker, breakerBounds, Object.keys(breakerBounds)),
  };
}

function readNumbers<Key extends string>(
  prefix: string,
  given: Readonly<Record<string, unknown>>,
  allowed: Readonly<Record<Key, Bounds>>,
  known: readonly string[],
): Record<Key, number> {
  const numbers = Object.fromEntries(
    Object.entries<Bounds>(allowed).map(([key, { fallback }]) => [key, fallback]),
  ) as Record<Key, number>;
  for (const [key, value] of Object.entries(given)) {
    if (!isKeyOf(allowed, key)) {
      throw invalid(`${prefix}${key}`, `is not known; runtime openai-compatible knows ${known.join(', ')}`);
    }
    const { least, most } = allowed[key];
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
      throw invalid(`${prefix}${key}`, `must be a whole number from ${least} to ${most}`);
    }
    numbers[key] = Number(value);
  }
  return numbers;
}

function isKeyOf<Key extends string>(record: Readonly<Record<Key, unknown>>, key: string): key is Key {
  return Object.hasOwn(record, key);
}

function invalid(key: string, what: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `The option '${key}' ${what}.`, { param: `options.${key}` });
}
