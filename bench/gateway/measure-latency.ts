import { Agent, request } from 'node:http';
import type { Gateway } from './start-gateways.ts';
import { chatRequest } from './wire.ts';

/** Times of one request, from its start. */
interface Timing {
  readonly firstByteMs: number;
  readonly endMs: number;
}

/** Times of one gateway's requests, in the order in which they were made. */
export interface Timings {
  readonly firstByteMs: readonly number[];
  readonly endMs: readonly number[];
}

/**
 * Times single requests over one kept-alive connection for each gateway. The gateways take turns request by request, so
 * that whatever else the machine does meets all alike.
 * @param count requests for each gateway; a tenth more are made before, to warm up
 */
export async function measureLatency(
  gateways: readonly Gateway[],
  stream: boolean,
  count: number,
): Promise<ReadonlyMap<Gateway, Timings>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const timings = new Map(gateways.map((gateway) => [gateway, { firstByteMs: [] as number[], endMs: [] as number[] }]));
  const warmUp = Math.ceil(count / 10);
  for (let index = -warmUp; index < count; index += 1) {
    for (const [gateway, { firstByteMs, endMs }] of timings) {
      const timing = await timeOne(gateway, agent, chatRequest(gateway.model, stream));
      if (index < 0) continue;
      firstByteMs.push(timing.firstByteMs);
      endMs.push(timing.endMs);
    }
  }
  agent.destroy();
  return timings;
}

function timeOne({ name, url, headers }: Gateway, agent: Agent, body: string): Promise<Timing> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let firstByteMs = 0;
      if (response.statusCode !== 200) reject(new Error(`${name} answered ${response.statusCode}.`));
      response.once('data', () => {
        firstByteMs = performance.now() - startedMs;
      });
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve({ firstByteMs, endMs: performance.now() - startedMs }));
    });
    outgoing.end(body);
  });
}
