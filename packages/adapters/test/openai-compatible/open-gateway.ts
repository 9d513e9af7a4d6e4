import type { LoadedVersion, WireAnswer, WireRequest } from '@scarmonit/core/ports/model-runtime';
import type { UpstreamVersionSpec } from '@scarmonit/core/registry/version-spec';
import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import { createOpenAiCompatibleRuntime } from '../../src/runtimes/openai-compatible/create-openai-compatible-runtime.ts';
import type { FirstIdentity, IdentityChange } from '../../src/runtimes/openai-compatible/upstream-version.ts';
import { createUndiciTransport } from '../../src/undici/create-undici-transport.ts';
import {
  type Behaviour,
  type MisbehavingUpstream,
  startMisbehavingUpstream,
} from '../fixtures/misbehaving-upstream.ts';

/** The upstream's key, which must not appear anywhere but in its requests. */
export const upstreamKey = 'hunter2-hunter2';

export interface Gateway {
  readonly version: LoadedVersion;
  readonly spec: UpstreamVersionSpec;
  readonly clock: FakeClock;
  readonly firstIdentities: readonly FirstIdentity[];
  readonly identityChanges: readonly IdentityChange[];
  /** @param signal absent: nobody leaves */
  forward(changes?: Partial<WireRequest>, signal?: AbortSignal): Promise<WireAnswer>;
}

/** A version over real sockets. Time stands still but for the transport's own deadlines, and back-off is as short as can be. */
export async function openGateway(
  upstreams: readonly Pick<MisbehavingUpstream, 'baseUrl'>[],
  changes: Partial<UpstreamVersionSpec> = {},
  random: () => number = () => 0,
): Promise<Gateway> {
  const clock = createFakeClock();
  const firstIdentities: FirstIdentity[] = [];
  const identityChanges: IdentityChange[] = [];
  const runtime = createOpenAiCompatibleRuntime({
    transport: createUndiciTransport(),
    clock,
    random,
    lookUpSecret: (name) => (name === 'UPSTREAM_KEY' ? upstreamKey : undefined),
    onFirstIdentity: (first) => firstIdentities.push(first),
    onIdentityChange: (change) => identityChanges.push(change),
  });
  const spec: UpstreamVersionSpec = {
    model: 'support-chat',
    version: '1.1.0',
    task: 'chat',
    runtime: 'openai-compatible',
    targets: upstreams.map(({ baseUrl }) => ({ baseUrl, model: 'mock-1', apiKey: `\${UPSTREAM_KEY}`, weight: 1 })),
    balance: 'weighted',
    options: {},
    prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
    timeoutMs: 120_000,
    fallbacks: [],
    ...changes,
  };
  const version = await runtime.load(spec);
  return {
    version,
    spec,
    clock,
    firstIdentities,
    identityChanges,
    forward: (request = {}, signal = new AbortController().signal) => {
      if (version.forward === undefined) throw new Error('an upstream version forwards');
      const body = { model: 'support-chat', messages: [{ role: 'user', content: 'Hi' }], ...request.body };
      return version.forward(
        { endpoint: 'chat/completions', publicModel: 'support-chat', ...request, body },
        { signal },
      );
    },
  };
}

/** Upstreams and versions that are closed after each test. */
export class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  async upstream(behaviour: Behaviour, port?: number): Promise<MisbehavingUpstream> {
    const upstream = await startMisbehavingUpstream(behaviour, port);
    this.#closers.push(() => upstream.close());
    return upstream;
  }

  async gateway(...[upstreams, changes, random]: Parameters<typeof openGateway>): Promise<Gateway> {
    const gateway = await openGateway(upstreams, changes, random);
    this.#closers.push(() => gateway.version.unload());
    return gateway;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

export function chunksOf(wire: WireAnswer) {
  if (wire.kind !== 'stream') throw new Error(`not a stream: ${wire.text}`);
  return wire.chunks;
}

export function textOf(wire: WireAnswer): string {
  if (wire.kind !== 'json') throw new Error('not JSON, but a stream');
  return wire.text;
}

/** The content of the chunks that the client sees. */
export async function readContent(wire: WireAnswer): Promise<string> {
  let content = '';
  for await (const { text } of chunksOf(wire)) {
    if (text !== undefined) content += JSON.parse(text).choices[0]?.delta.content ?? '';
  }
  return content;
}
