import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Behaviour,
  type MisbehavingUpstream,
  startMisbehavingUpstream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { vi } from 'vitest';
import { type HostProcess, type HostProcessOptions, startHostProcess } from '../start-host-process.ts';
import { testKey } from '../start-test-host.ts';

/** How long a test waits for what must happen. */
export const patience = { timeout: 20_000, interval: 10 };

/** The key of the upstreams, which nobody but they may ever see. */
export const upstreamKey = 'uk-5ecre7-0f-7he-up57re4m';

export interface VersionSetup {
  readonly upstreams: readonly Pick<MisbehavingUpstream, 'baseUrl'>[];
  readonly task?: 'chat' | 'embedding';
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fallbacks?: readonly string[];
  readonly timeoutMs?: number;
  readonly balance?: 'weighted' | 'least-busy';
}

export type Versions = Readonly<Record<string, VersionSetup>>;

export type GatewayOptions = Pick<HostProcessOptions, 'env' | 'nodeArguments'>;

export interface Ask {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A key of the gateway, as it tells of it when it is made. */
export interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

/** The whole gateway as its clients meet it: the Node host in a process of its own, with real sockets on both sides. */
export interface Gateway extends HostProcess {
  readonly dataDir: string;
  /**
   * Serves another model, in place of all others, by the manifest file: that binds the upstreams' key to them.
   * @param setup its one version, or several by their number, of which the first is stable
   * @returns its name, which no other model has had
   */
  serve(setup: VersionSetup | Versions): Promise<string>;
  /** Sends JSON, or a text as it is. */
  post(path: string, body: unknown, ask?: Ask): Promise<Response>;
  /** Asks the model that is served something. */
  chat(changes?: Readonly<Record<string, unknown>>, ask?: Ask): Promise<Response>;
  /** Calls the management API. @throws an error for any status but 2xx */
  admin(path: string, init?: RequestInit): Promise<unknown>;
  makeKey(wanted?: Readonly<Record<string, unknown>>): Promise<MadeKey>;
  /** What the store holds of a request, oldest attempt first. */
  recordsOf(requestId: string): Promise<readonly Prediction[]>;
  /** Requests in flight at the first version of the model that is served, by the gateway's own count. */
  inFlight(): Promise<number>;
}

/** What a test opens, to be closed when it is over. */
export class Opened {
  readonly #closers: (() => Promise<void> | void)[] = [];

  async upstream(behaviour: Behaviour): Promise<MisbehavingUpstream> {
    const upstream = await startMisbehavingUpstream(behaviour);
    this.#closers.push(() => upstream.close());
    return upstream;
  }

  /** It serves nothing yet. */
  async gateway(options: GatewayOptions = {}): Promise<Gateway> {
    const folder = mkdtempSync(join(tmpdir(), 'scarmonit-gateway-'));
    this.#closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const dataDir = join(folder, 'data');
    const manifestPath = join(folder, 'scarmonit.yaml');
    writeFileSync(manifestPath, toManifest({}));
    const host = await startHostProcess({
      ...options,
      dataDir,
      manifestPath,
      adminKey: testKey,
      env: { ...options.env, UPSTREAM_API_KEY: upstreamKey },
    });
    this.#closers.push(async () => {
      host.signal('SIGKILL');
      await host.ended;
    });
    return toGateway(host, dataDir, manifestPath);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

function toGateway(host: HostProcess, dataDir: string, manifestPath: string): Gateway {
  let model = '';
  let served = 0;
  const post: Gateway['post'] = (path, body, { key = testKey, headers = {}, signal } = {}) =>
    fetch(`${host.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal: signal ?? null,
    });
  const admin: Gateway['admin'] = async (path, { headers, ...init } = {}) => {
    const all = { authorization: `Bearer ${testKey}`, 'content-type': 'application/json', ...headers };
    const response = await fetch(`${host.url}/api/admin${path}`, { ...init, headers: all });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    ...host,
    dataDir,
    serve: async (setup) => {
      served += 1;
      model = `model-${served}`;
      const versions = isVersion(setup) ? { '1.0.0': setup } : setup;
      writeFileSync(`${manifestPath}.new`, toManifest({ [model]: versions }));
      renameSync(`${manifestPath}.new`, manifestPath);
      host.signal('SIGHUP');
      await vi
        .waitFor(() => admin(`/models/${model}`), patience)
        .catch((cause: unknown) => {
          throw new Error(`The manifest was not applied:\n${host.output().slice(-1_000)}`, { cause });
        });
      return model;
    },
    post,
    chat: (changes, ask) =>
      post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }], ...changes }, ask),
    admin,
    makeKey: async (wanted = {}) => {
      const body = JSON.stringify({ name: 'for a test', scopes: ['infer'], ...wanted });
      const made = (await admin('/keys', { method: 'POST', body })) as { key: { id: string }; secret: string };
      return { id: made.key.id, secret: made.secret };
    },
    recordsOf: async (requestId) => {
      const { data } = (await admin('/predictions?limit=1000')) as { data: Prediction[] };
      return data.filter((record) => record.requestId === requestId).reverse();
    },
    inFlight: async () => {
      const { versions } = (await admin(`/models/${model}`)) as {
        versions: readonly { stats: { running: number } | null }[];
      };
      return versions[0]?.stats?.running ?? 0;
    },
  };
}

function isVersion(setup: VersionSetup | Versions): setup is VersionSetup {
  return Array.isArray(setup.upstreams);
}

/** JSON is YAML. */
function toManifest(models: Readonly<Record<string, Versions>>): string {
  const entries = Object.entries(models).map(([name, versions]) => {
    const [[stable, first] = ['', undefined]] = Object.entries(versions);
    const all = Object.entries(versions).map(([version, setup]) => [version, toVersion(setup)]);
    return [name, { task: first?.task ?? 'chat', stable, versions: Object.fromEntries(all) }];
  });
  return JSON.stringify({ apiVersion: 'scarmonit/v1', models: Object.fromEntries(entries) });
}

function toVersion({ upstreams, task: _, ...rest }: VersionSetup) {
  const apiKey = `\${UPSTREAM_API_KEY}`;
  const targets = upstreams.map(({ baseUrl }) => ({ baseUrl, model: 'mock-1', apiKey }));
  return { runtime: 'openai-compatible', targets, ...rest };
}

/** Bytes of a body as they come, and as text all that came so far. */
export class Reading {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  text = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('the answer has no body');
    this.#reader = response.body.getReader();
  }

  /** @returns false at the end */
  async next(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (value !== undefined) this.text += this.#decoder.decode(value, { stream: true });
    return !done;
  }

  /** Reads until it holds `part`. @throws when it ends before that */
  async until(part: string): Promise<void> {
    while (!this.text.includes(part)) {
      if (!(await this.next())) throw new Error(`'${part}' did not come, but: ${this.text}`);
    }
  }

  async toEnd(): Promise<string> {
    while (await this.next());
    return this.text;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** The JSON of each `data:` line, `[DONE]` as it is. */
export function readData(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}
