import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from './samples.ts';
import type { Gateway } from './start-gateways.ts';
import { chatRequest, pacedGapMs } from './wire.ts';

/** Requests at fixed times. */
export interface PacedLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Requests a second. */
  readonly rate: number;
  readonly count: number;
}

export interface PacedResult {
  readonly failed: number;
  readonly p99Ms: number;
  /** Between two pieces of one answer. */
  readonly longestGapMs: number;
}

/** What the p99 over that of the upstream alone must stay below. */
export const addedLimitsMs = [1, 5, 10] as const;

const rates = [100, 200, 300, 450, 650, 900, 1_200, 1_600, 2_100, 2_800, 3_700] as const;
const streamCounts = [25, 50, 100, 200, 400, 800] as const;
/** The middle one counts, so that one pause of the machine decides nothing. */
const tries = 3;

/**
 * The highest rate at which the added p99 stays below each of {@link addedLimitsMs}; 0 where none does. Both are measured in
 * turns, and rates are tried upwards until all limits are broken.
 */
export async function findRates(gateway: Gateway, direct: Gateway): Promise<ReadonlyMap<number, number>> {
  const highest = new Map<number, number>(addedLimitsMs.map((limit) => [limit, 0]));
  const kept = new Set<number>(addedLimitsMs);
  for (const rate of rates) {
    const added: number[] = [];
    for (let index = 0; index < tries; index += 1) {
      const base = await runPaced(direct, { rate, count: rate }, false);
      const own = await runPaced(gateway, { rate, count: rate }, false);
      added.push(own.failed > 0 ? Number.POSITIVE_INFINITY : own.p99Ms - base.p99Ms);
    }
    for (const limit of kept) {
      if (median(added) < limit) highest.set(limit, rate);
      else kept.delete(limit);
    }
    if (kept.size === 0) break;
  }
  return highest;
}

/** How many paced streams at once end whole without a pause of ten times their pace; 0 where even the fewest do not. */
export async function findStreams(gateway: Gateway): Promise<number> {
  let most = 0;
  for (const count of streamCounts) {
    // All begin within a second, and each lasts longer than that.
    const { failed, longestGapMs } = await runPaced(gateway, { rate: count, count }, true);
    if (failed > 0 || longestGapMs >= pacedGapMs * 10) break;
    most = count;
  }
  return most;
}

const run = promisify(execFile);
const client = fileURLToPath(new URL('paced-client.ts', import.meta.url));

async function runPaced(
  gateway: Gateway,
  at: Pick<PacedLoad, 'rate' | 'count'>,
  stream: boolean,
): Promise<PacedResult> {
  const body = chatRequest(stream ? gateway.pacedModel : gateway.model, stream);
  const headers = {
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(body)}`,
    ...gateway.headers,
  };
  const load: PacedLoad = { url: gateway.url, headers, body, ...at };
  const { stdout } = await run(process.execPath, [client, JSON.stringify(load)]);
  return JSON.parse(stdout) as PacedResult;
}
