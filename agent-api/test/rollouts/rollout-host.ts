import type { RolloutDetailView, TrafficView } from '@scarmonit/protocol/admin/rollout';
import { expect, vi } from 'vitest';
import type { StartableHost } from './startable-host.ts';

/** For conditions that come about within seconds, and on a loaded machine within many. */
export const patience = { timeout: 120_000, interval: 500 };

/** Tries what throws until it does not. As `expect.poll`, which stories that run side by side cannot share. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, patience);
}

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

/** What the people who steer rollouts do with a host, and what can be seen of it. */
export class RolloutHost implements StartableHost {
  readonly #host: StartableHost;

  constructor(host: StartableHost) {
    this.#host = host;
  }

  get url(): string {
    return this.#host.url;
  }

  get adminKey(): string {
    return this.#host.adminKey;
  }

  start(manifest?: string): Promise<void> {
    return this.#host.start(manifest);
  }

  kill(): Promise<void> {
    return this.#host.kill();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  query(sql: string, ...parameters: readonly string[]): readonly Record<string, unknown>[] {
    return this.#host.query(sql, ...parameters);
  }

  /** @typeParam T what the API documents for the path; the tests of the server check that it keeps to it */
  async ask<T>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<AdminAnswer<T>> {
    const response = await fetch(`${this.url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  /** @returns the id of the rollout */
  async startRollout(model: string, settings: Readonly<Record<string, unknown>> = {}, to = '1.1.0'): Promise<string> {
    const { status, body } = await this.ask<RolloutDetailView>('admin/rollouts', { model, to, settings });
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
    await eventually(async () => expect((await this.detail(id)).state.phase).toBe(phase));
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
}

/** The phases of a rollout in their order, each stay once. */
export function phasesOf({ states }: Pick<RolloutDetailView, 'states'>): readonly string[] {
  return states.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
}
