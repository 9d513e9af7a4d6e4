// Sends requests at a rate, whatever comes back, or opens streams and watches their pace. Run in its own process.
import { Agent, request } from 'node:http';
import type { PacedLoad, PacedResult } from './measure-paced.ts';

const load = JSON.parse(process.argv[2] ?? '{}') as PacedLoad;
const agent = new Agent({ keepAlive: true, maxSockets: 4_096 });
const latenciesMs: number[] = [];
let longestGapMs = 0;
let failed = 0;

/** Resolves at the end of the answer. Latency counts from when the request was due, not from when it got its turn. */
function send(dueAtMs: number): Promise<void> {
  return new Promise((resolve) => {
    const fail = (): void => {
      failed += 1;
      resolve();
    };
    const outgoing = request(load.url, { method: 'POST', agent, headers: load.headers });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      let lastAtMs: number | undefined;
      incoming.on('data', () => {
        const now = performance.now();
        if (lastAtMs !== undefined) longestGapMs = Math.max(longestGapMs, now - lastAtMs);
        lastAtMs = now;
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        if (incoming.statusCode === 200) latenciesMs.push(performance.now() - dueAtMs);
        else failed += 1;
        resolve();
      });
    });
    outgoing.end(load.body);
  });
}

const startedMs = performance.now();
const sent: Promise<void>[] = [];
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    for (;;) {
      const dueAtMs = startedMs + (sent.length / load.rate) * 1_000;
      if (sent.length === load.count) {
        clearInterval(timer);
        resolve();
        return;
      }
      if (dueAtMs > performance.now()) return;
      sent.push(send(dueAtMs));
    }
  }, 1);
});
await Promise.all(sent);
latenciesMs.sort((a, b) => a - b);
const result: PacedResult = {
  failed,
  p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? Number.POSITIVE_INFINITY,
  longestGapMs,
};
console.log(JSON.stringify(result));
process.exit(0);
