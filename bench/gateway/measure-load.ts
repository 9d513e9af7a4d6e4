import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { peerPath } from './install-peers.ts';
import type { Gateway } from './start-gateways.ts';
import { chatRequest } from './wire.ts';

export interface Load {
  readonly connections: number;
  readonly stream: boolean;
  /** Either for so many seconds, or so many requests in all. */
  readonly seconds?: number;
  readonly requests?: number;
}

export interface LoadResult {
  /** Whole answers; a stream counts once, at its end. */
  readonly answersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface AutocannonReport {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
  readonly latency: { readonly p50: number; readonly p99: number };
}

const run = promisify(execFile);

/**
 * Sends as many requests as a gateway takes, from a process of autocannon.
 * @throws when a single answer was not 2xx: a gateway that refuses is fast
 */
export async function measureLoad(gateway: Gateway, load: Load): Promise<LoadResult> {
  const headers = Object.entries({ 'content-type': 'application/json', ...gateway.headers });
  const { stdout } = await run(process.execPath, [
    peerPath('autocannon/autocannon.js'),
    ...['--json', '--no-progress', '-m', 'POST', '-c', String(load.connections)],
    ...(load.requests === undefined ? ['-d', String(load.seconds ?? 1)] : ['-a', String(load.requests)]),
    ...headers.flatMap(([name, value]) => ['-H', `${name}=${value}`]),
    ...['-b', chatRequest(gateway.model, load.stream), gateway.url],
  ]);
  const report = JSON.parse(stdout) as AutocannonReport;
  if (report.non2xx > 0 || report.errors > 0 || report['2xx'] === 0) {
    throw new Error(`${gateway.name}: ${report['2xx']} answers, ${report.non2xx} refused, ${report.errors} failed.`);
  }
  return {
    answersPerSecond: report['2xx'] / report.duration,
    p50Ms: report.latency.p50,
    p99Ms: report.latency.p99,
  };
}
