import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeWorkerState, startWorkerHost, type WorkerHost, workerTestKey } from '../start-worker-host.ts';
import { readDatabase } from './read-database.ts';
import { eventually } from './rollout-host.ts';
import type { StartableHost } from './startable-host.ts';

/** The worker in workerd, with D1, KV, R2 and Durable Objects on this machine. */
export class WorkersHost implements StartableHost {
  readonly adminKey = workerTestKey;
  readonly #state = makeWorkerState();
  readonly #env: Readonly<Record<string, string>>;
  #worker: WorkerHost | undefined;

  /** @param env variables and secrets of the worker, beside what every one has */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  get url(): string {
    return this.#worker?.url ?? '';
  }

  async start(manifest?: string): Promise<void> {
    this.#worker = await startWorkerHost(this.#env, this.#state);
    // The first request migrates the store, and is refused where that takes long.
    await this.#untilReady();
    if (manifest === undefined) return;
    const headers = { authorization: `Bearer ${workerTestKey}` };
    const applied = await fetch(`${this.url}/api/admin/manifest`, { method: 'PUT', headers, body: manifest });
    expect({ status: applied.status, text: await applied.text() }).toMatchObject({ status: 200 });
    await this.#untilReady();
  }

  async #untilReady(): Promise<void> {
    await eventually(async () => expect((await fetch(`${this.url}/readyz`)).status).toBe(200));
  }

  async kill(): Promise<void> {
    await this.#worker?.kill();
  }

  async close(): Promise<void> {
    await this.#worker?.close();
    rmSync(this.#state, { recursive: true, force: true });
  }

  query(sql: string, ...parameters: readonly string[]): readonly Record<string, unknown>[] {
    // Where workerd keeps the one database that there is (github.com/cloudflare/workers-sdk, packages/miniflare).
    const folder = join(this.#state, 'v3', 'd1', 'miniflare-D1DatabaseObject');
    const file = readdirSync(folder).find((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite');
    return readDatabase(join(folder, file ?? ''), sql, parameters);
  }
}
