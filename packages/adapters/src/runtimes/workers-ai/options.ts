import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { findNearestKey } from '@scarmonit/core/manifest/find-nearest-key';
import type { Task } from '@scarmonit/core/registry/version-spec';
import { isMapping } from '@scarmonit/core/upstream/parse-object';

/** What a version of runtime `workers-ai` may set under `options`. */
export interface WorkersAiOptions {
  /** How long making a connection may take, where one is made. */
  readonly connectTimeoutMs: number;
  /** From a request being sent to its answer beginning. Without streaming that is when the answer is finished. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of an answer. */
  readonly idleTimeoutMs: number;
  /** Most requests at once; more are refused with `overloaded`. */
  readonly maxInFlight: number;
  /** Refuse instead of waiting in Cloudflare's queue when there is no capacity. */
  readonly rejectIfBusy: boolean;
  /** AI Gateway that the requests go through. */
  readonly gateway: GatewayOptions | undefined;
  /** Of embeddings; vectors of different pooling cannot be compared. */
  readonly pooling: 'mean' | 'cls' | undefined;
}

export interface GatewayOptions {
  readonly id: string;
  readonly skipCache?: boolean;
  /** Seconds that an answer is kept for the same request. */
  readonly cacheTtl?: number;
}

type Read<Value> = (value: unknown, key: string) => Value;

const hourMs = 3_600_000;

const readers: { readonly [Key in keyof WorkersAiOptions]: Read<WorkersAiOptions[Key]> } = {
  connectTimeoutMs: whole(1, hourMs, 5_000),
  firstByteTimeoutMs: whole(1, hourMs, 60_000),
  idleTimeoutMs: whole(1, hourMs, 60_000),
  maxInFlight: whole(1, 1_000_000, 1_024),
  rejectIfBusy: (value = false, key) => readBoolean(value, key),
  gateway: (value) => (value === undefined ? undefined : readGateway(value)),
  pooling: (value, key) => {
    if (value === undefined || value === 'mean' || value === 'cls') return value;
    throw invalid(key, 'must be mean or cls');
  },
};

const gatewayKeys = ['id', 'skipCache', 'cacheTtl'] as const;
/** The longest that AI Gateway keeps an answer. */
const monthSeconds = 30 * 24 * 3_600;

/**
 * Checks the options of a version and fills in the defaults.
 * @throws ScarmonitError `invalid_request` that names the key and what it may be
 */
export function parseOptions(options: Readonly<Record<string, unknown>>, task: Task): WorkersAiOptions {
  refuseUnknown('', options, Object.keys(readers));
  if (options['pooling'] !== undefined && task !== 'embedding') throw invalid('pooling', 'is for embeddings alone');
  const parsed = Object.entries(readers).map(([key, read]) => [key, read(options[key], key)]);
  return Object.fromEntries(parsed) as unknown as WorkersAiOptions;
}

function readGateway(value: unknown): GatewayOptions {
  if (!isMapping(value)) throw invalid('gateway', 'must be a mapping, such as { id: my-gateway, cacheTtl: 3600 }');
  refuseUnknown('gateway.', value, gatewayKeys);
  const { id, skipCache, cacheTtl } = value;
  // It goes into a header.
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw invalid('gateway.id', 'must be the name of an AI Gateway: up to 64 letters, digits, dashes and underscores');
  }
  return {
    id,
    ...(skipCache === undefined ? {} : { skipCache: readBoolean(skipCache, 'gateway.skipCache') }),
    ...(cacheTtl === undefined ? {} : { cacheTtl: whole(0, monthSeconds, 0)(cacheTtl, 'gateway.cacheTtl') }),
  };
}

function readBoolean(value: unknown, key: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(key, 'must be true or false');
}

function whole(least: number, most: number, fallback: number): Read<number> {
  return (value = fallback, key) => {
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    throw invalid(key, `must be a whole number from ${least} to ${most}`);
  };
}

function refuseUnknown(prefix: string, given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const nearest = findNearestKey(key, known);
    const hint = nearest === undefined ? `runtime workers-ai knows ${known.join(', ')}` : `did you mean ${nearest}?`;
    throw invalid(`${prefix}${key}`, `is not known; ${hint}`);
  }
}

function invalid(key: string, what: string): ScarmonitError {
  const end = what.endsWith('?') ? '' : '.';
  return new ScarmonitError('invalid_request', `The option '${key}' ${what}${end}`, { param: `options.${key}` });
}
