import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type HostProcess, startHostProcess } from '../start-host-process.ts';
import { testKey } from '../start-test-host.ts';
import { readDatabase } from './read-database.ts';
import { eventually } from './rollout-host.ts';
import type { StartableHost } from './startable-host.ts';

/** The Node host, as an operator runs it. */
export class NodeHost implements StartableHost {
  readonly adminKey = testKey;
  readonly #folder = mkdtempSync(join(tmpdir(), 'scarmonit-rollouts-'));
  readonly #env: Readonly<Record<string, string>>;
  #process: HostProcess | undefined;

  /** @param env of the host, beside what every one has */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  get url(): string {
    return this.#process?.url ?? '';
  }

  async start(manifest?: string): Promise<void> {
    const [dataDir, manifestPath] = [join(this.#folder, 'data'), join(this.#folder, 'scarmonit.yaml')];
    mkdirSync(dataDir, { recursive: true });
    if (manifest !== undefined) writeFileSync(manifestPath, manifest);
    this.#process = await startHostProcess({ dataDir, manifestPath, adminKey: testKey, env: this.#env });
    await eventually(async () => expect((await fetch(`${this.url}/readyz`)).status).toBe(200));
  }

  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.ended;
  }

  async close(): Promise<void> {
    this.#process?.signal('SIGTERM');
    await this.#process?.ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  query(sql: string, ...parameters: readonly string[]): readonly Record<string, unknown>[] {
    return readDatabase(join(this.#folder, 'data', 'scarmonit.db'), sql, parameters);
  }
}
