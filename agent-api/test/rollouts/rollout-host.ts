import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RolloutDetailView, TrafficView } from '@scarmonit/protocol/admin/rollout';
import { expect, vi } from 'vitest';
import { type HostProcess, startHostProcess } from '../start-host-process.ts';
import { testKey } from '../start-test-host.ts';

/** For conditions that come about within seconds, and on a loaded machine within many. */
export const patience = { timeout: 90_000, interval: 25 };

/** What a test may set of a chat model with the versions 1.0.0, which is stable, and 1.1.0. */
export interface TestModel {
  readonly name: string;
  readonly goals: Readonly<Record<string, number>>;
  readonly rollout: Readonly<Record<string, unknown>>;
}

/** A manifest whose models are behind one upstream, each version as `<model>-<version>`. */
export function upstreamManifest(baseUrl: string, models: readonly TestModel[]): string {
  const options = { retries: 0, breaker: { failures: 1_000_000 } };
  const version = (name: string, version: string) => ({
    runtime: 'openai-compatible',
    baseUrl,
    model: `${name}-${version}`,
    options,
  });
  // YAML takes JSON.
  return JSON.stringify({
    apiVersion: 'scarmonit/v1',
    models: Object.fromEntries(
      models.map(({ name, goals, rollout }) => [
        name,
        {
          task: 'chat',
          goals,
          rollout,
          stable: '1.0.0',
          versions: { '1.0.0': version(name, '1.0.0'), '1.1.0': version(name, '1.1.0') },
        },
      ]),
    ),
  });
}

/** An answer of the management API. */
export interface AdminAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** A host in a process of its own, which can be killed and started again over the same data. */
export class RolloutHost {
  readonly #folder = mkdtempSync(join(tmpdir(), 'scarmonit-rollouts-'));
  readonly #env: Readonly<Record<string, string>>;
  #process: HostProcess | undefined;

  /** @param env of the host, beside what every one has */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  /** Starts it with a manifest and waits until every model answers. */
  async start(manifest: string): Promise<void> {
    mkdirSync(join(this.#folder, 'data'), { recursive: true });
    writeFileSync(join(this.#folder, 'scarmonit.yaml'), manifest);
    await this.restart();
  }

  /** Starts it again, after {@link kill}. */
  async restart(): Promise<void> {
    this.#process = await startHostProcess({
      dataDir: join(this.#folder, 'data'),
      manifestPath: join(this.#folder, 'scarmonit.yaml'),
      adminKey: testKey,
      env: this.#env,
    });
    await vi.waitFor(async () => expect((await fetch(`${this.url}/readyz`)).status).toBe(200), patience);
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.ended;
  }

  async close(): Promise<void> {
    this.#process?.signal('SIGTERM');
    await this.#process?.ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get url(): string {
    return this.#process?.url ?? '';
  }

  /** @typeParam T what the API documents for the path; the tests of the server check that it keeps to it */
  async ask<T>(path: string, body?: unknown): Promise<AdminAnswer<T>> {
    const response = await fetch(`${this.url}/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  /** @returns the id of the rollout to 1.1.0 */
  async startRollout(model: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await this.ask<RolloutDetailView>('admin/rollouts', { model, to: '1.1.0', settings });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  }

  async detail(id: string): Promise<RolloutDetailView> {
    return (await this.ask<RolloutDetailView>(`admin/rollouts/${id}`)).body;
  }

  async command(id: string, command: string, decision: object = {}): Promise<AdminAnswer<RolloutDetailView>> {
    return this.ask(`admin/rollouts/${id}/${command}`, decision);
  }

  /** Waits until a rollout is in a phase. */
  async until(id: string, phase: string): Promise<RolloutDetailView> {
    await expect.poll(async () => (await this.detail(id)).state.phase, patience).toBe(phase);
    return this.detail(id);
  }

  /** Who served a model, oldest first. */
  async history(model: string): Promise<readonly TrafficView[]> {
    return (await this.ask<{ data: TrafficView[] }>(`admin/models/${model}/history?limit=200`)).body.data.toReversed();
  }

  /** Requests of a model that were its versions' failures, by version. Records are written once a second. */
  failures(model: string): Readonly<Record<string, number>> {
    const rows = this.query(
      `select version, count(*) as failed from predictions
       where model = ? and outcome in ('error', 'timeout') group by version`,
      model,
    );
    return Object.fromEntries(rows.map(({ version, failed }) => [String(version), Number(failed)]));
  }

  /** Reads the database file, which another process has open. */
  query(sql: string, ...parameters: readonly string[]): readonly Record<string, unknown>[] {
    const database = new DatabaseSync(join(this.#folder, 'data', 'scarmonit.db'), { readOnly: true });
    try {
      return database.prepare(sql).all(...parameters);
    } finally {
      database.close();
    }
  }
}

/** The phases of a rollout in their order, each stay once. */
export function phasesOf({ states }: Pick<RolloutDetailView, 'states'>): readonly string[] {
  return states.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
}
