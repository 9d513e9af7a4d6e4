import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { type RunningProcess, startProcess } from '../gateway/start-process.ts';
import { chatRequest, upstreamModel } from '../gateway/wire.ts';
import type { RunningHost } from './run-host.ts';

const gatewayModel = 'support-chat';
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** An upstream that answers at once. */
export function startUpstream(): Promise<RunningProcess> {
  return startProcess({ args: [file('../gateway/mock-upstream.ts')] });
}

/** Writes a manifest with one model more, which runs at the upstream. @returns its path */
export async function writeManifest(config: string, folder: string, upstream: string): Promise<string> {
  const path = join(folder, 'bench.yaml');
  // Versions are immutable, and the upstream has another address each time.
  const version = `1.0.${new URL(upstream).port}`;
  const models = await readFile(config, 'utf8');
  await writeFile(
    path,
    `${models.trimEnd()}

  ${gatewayModel}:
    task: chat
    stable: ${version}
    versions:
      ${version}:
        runtime: openai-compatible
        baseUrl: ${upstream}/v1
        model: ${upstreamModel}
`,
  );
  return path;
}

/**
 * The 99th percentile of requests that the host passes on, sent at a steady rate. Each is timed from when it was due, so
 * that a client who was kept from sending does not hide it.
 * @param perSecond well below what the host can do: what is wanted is how long one waits, not how many fit
 */
export async function timeGateway({ url, key }: RunningHost, perSecond: number, seconds: number): Promise<number> {
  const pool = new Pool(url, { connections: 32 });
  const body = chatRequest(gatewayModel, false);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const startedAt = performance.now();
  const requests: Promise<number>[] = [];
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const dueAt = startedAt + (number * 1000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await wait(early);
    const answered = pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body });
    requests.push(
      answered.then(async ({ statusCode, body: answer }) => {
        await answer.dump();
        if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
        return performance.now() - dueAt;
      }),
    );
  }
  const times = (await Promise.all(requests)).sort((a, b) => a - b);
  await pool.close();
  return times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
}

/** Does something while so many clients embed without end. */
export async function underEmbeddingLoad<Result>(
  { url, key }: RunningHost,
  clients: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const load = fork(file('embedding-load.ts'), [url, key, String(clients)]);
  const gone = once(load, 'exit');
  try {
    await Promise.race([
      once(load, 'message'),
      gone.then(([code]) => Promise.reject(new Error(`the load ended: ${code}`))),
    ]);
    return await run();
  } finally {
    if (load.connected) load.disconnect();
    await gone;
  }
}
