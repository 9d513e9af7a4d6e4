import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { writeTinyEncoder } from '@scarmonit/adapters/test/fixtures/write-tiny-onnx';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startTestHost, type TestHost, testKey } from './start-test-host.ts';

/** What the candidate does with copies; to probes, and to clients, it says the same as stable. */
type Behaviour = 'same' | 'different' | 'broken' | 'flaky' | 'hanging';

/** Of the copies of a `flaky` candidate one in so many fails. */
const failsOneIn = 20;

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: string;
}

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of opened.splice(0).toReversed()) await close();
});

/** An upstream for both versions, which knows copies by their ids. */
async function startUpstream(behaviour: Behaviour) {
  const copies = { begun: 0, open: 0, mostOpen: 0 };
  const held = new Set<ServerResponse>();
  let isDown = false;
  let isStuck = behaviour === 'hanging';
  const server = createServer(async (request, response) => {
    const asked = (await json(request)) as Asked;
    const isCopy = String(request.headers['x-request-id']).endsWith('-shadow');
    if (isCopy) {
      copies.begun += 1;
      copies.open += 1;
      copies.mostOpen = Math.max(copies.mostOpen, copies.open);
      response.once('close', () => {
        copies.open -= 1;
      });
    }
    const isBroken = behaviour === 'broken' || (behaviour === 'flaky' && copies.begun % failsOneIn === 0);
    if (isDown || (isCopy && isBroken)) fail(response);
    else if (isCopy && isStuck) held.add(response);
    else answer(response, asked, isCopy && behaviour === 'different' ? 'Lyon' : 'Paris');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  /** Both versions fail from now on, and whatever hangs. */
  const goDown = (): void => {
    isDown = true;
    for (const response of held) fail(response);
    held.clear();
  };
  /** Both versions answer from now on. */
  const comeBack = (): void => {
    isDown = false;
    isStuck = false;
  };
  return { copies, goDown, comeBack, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

function fail(response: ServerResponse): void {
  response.writeHead(500).end('{}');
}

function answer(response: ServerResponse, { model, stream, input }: Asked, content: string): void {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (input !== undefined) {
    const data = [{ object: 'embedding', index: 0, embedding: [1, 0, 0, 0] }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'list', model, data, usage }));
    return;
  }
  if (stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model, choices, usage }));
    return;
  }
  const frame = (fields: object) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, ...fields })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const piece of [content.slice(0, 2), content.slice(2)]) {
    response.write(frame({ choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] }));
  }
  response.write(frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  response.end(`${frame({ choices: [], usage })}data: [DONE]\n\n`);
}

const options = '{ retries: 0, breaker: { coolDownMs: 1500 } }';
const manifest = (
  baseUrl: string,
  stable: string,
  pairs: number,
  maxErrorRate: number,
): string => `apiVersion: scarmonit/v1
models:
  capitals:
    task: chat
    goals: { maxErrorRate: ${maxErrorRate} }
    stable: ${stable}
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: old, options: ${options} }
      1.1.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: new, options: ${options} }
    rollout: { strategy: canary, steps: [50], shadow: { percent: 100, pairs: ${pairs} }, minBakeMinutes: 10 }
`;

interface Detail {
  readonly state: { readonly phase: string; readonly reason: string };
  readonly states: readonly { readonly phase: string }[];
  readonly counts: { readonly candidate: { readonly requests: number } };
  readonly shadowPairs: { readonly pairs: number; readonly agreeing: number; readonly failed: number };
}

/** A host whose model is in the shadow phase of a rollout that wants so many pairs. */
async function startShadowing(behaviour: Behaviour, pairs: number, maxErrorRate = 0.1) {
  const upstream = await startUpstream(behaviour);
  const host = await startTestHost(manifest(upstream.baseUrl, '1.0.0', pairs, maxErrorRate));
  opened.push(() => host.close());
  await expect.poll(async () => (await fetch(`${host.url}/readyz`)).status, patience).toBe(200);
  await host.admin('/manifest', { method: 'PUT', body: manifest(upstream.baseUrl, '1.1.0', pairs, maxErrorRate) });
  const { data } = (await host.admin('/rollouts')) as { data: { id: string }[] };
  const detail = async () => (await host.admin(`/rollouts/${data[0]?.id}`)) as Detail;
  await expect.poll(async () => (await detail()).state.phase, patience).toBe('shadow');
  return { host, upstream, detail };
}

/** Asks in fours until so many are answered. @returns each answer's status, version and text */
async function ask(host: TestHost, requests: number, stream = false): Promise<string[]> {
  const answers: string[] = [];
  const askOne = async (): Promise<string> => {
    const response = await fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'capitals', stream, messages: [{ role: 'user', content: 'Of France?' }] }),
    });
    const pieces = (await response.text()).matchAll(/"content":"([^"]*)"/g);
    return [
      response.status,
      response.headers.get('x-model-version'),
      [...pieces].map(([, said]) => said).join(''),
    ].join(' ');
  };
  while (answers.length < requests) answers.push(...(await Promise.all(Array.from({ length: 4 }, askOne))));
  return answers;
}

const patience = { timeout: 20_000, interval: 50 };
const stableAnswers = (requests: number) => Array.from({ length: requests }, () => '200 1.0.0 Paris');

describe('shadow traffic', () => {
  it.each([
    ['same', false, { pairs: 12, agreeing: 12, failed: 0 }],
    ['same', true, { pairs: 12, agreeing: 12, failed: 0 }],
    ['different', false, { pairs: 12, agreeing: 0, failed: 0 }],
    ['broken', true, { pairs: 12, agreeing: 0, failed: 12 }],
  ] as const)(
    'of a candidate that answers: %s (streams: %s), is compared, and no client sees it',
    async (behaviour, stream, expected) => {
      const { host, detail } = await startShadowing(behaviour, 1_000);
      expect(await ask(host, 12, stream)).toEqual(stableAnswers(12));
      await expect.poll(async () => (await detail()).shadowPairs, patience).toEqual(expected);
      expect((await detail()).state.phase).toBe('shadow');
    },
  );

  it('gives way to the canary once there are enough pairs', async () => {
    const { host, detail } = await startShadowing('same', 8);
    await ask(host, 8);
    await expect.poll(async () => (await detail()).state.phase, patience).toBe('canary');
  });

  it('ends with a roll-back when the candidate fails its copies, before any client has seen it', async () => {
    const { host, detail } = await startShadowing('broken', 20);
    expect(await ask(host, 32)).toEqual(stableAnswers(32));
    await expect.poll(async () => (await detail()).state.phase, patience).toBe('rolled-back');
    expect((await detail()).state.reason).toMatch(
      /^1\.1\.0 failed (\d+) of \1 copies of requests that 1\.0\.0 had answered$/,
    );
    expect(await ask(host, 4)).toEqual(stableAnswers(4));
  });

  it('ends with a roll-back when it fails 5 % of its copies, with receipts that can be calculated again', async () => {
    const { host, detail } = await startShadowing('flaky', 5_000, 0.01);
    const phase = async () => (await detail()).state.phase;
    while ((await phase()) === 'shadow') expect(await ask(host, 40)).toEqual(stableAnswers(40));
    const { state, states, counts } = await detail();
    expect(states.map((one) => one.phase)).toEqual(['draft', 'validated', 'shadow', 'rolled-back']);
    expect(state.reason).toMatch(
      /^1\.1\.0 fails too often: \d+ of \d+ copies of requests that 1\.0\.0 had answered \([3-7](\.\d)? %\), where the goal allows 1 %/,
    );
    expect(counts.candidate.requests).toBe(0);
    const { data: receipts } = (await host.admin('/receipts?kind=gate&limit=2')) as {
      data: { body: { reading: { gate: string; verdict: string } } }[];
    };
    expect(receipts.map(({ body: { reading } }) => [reading.gate, reading.verdict]).toSorted()).toEqual([
      ['maxErrorRate/absolute', 'fail'],
      ['maxErrorRate/comparative', 'inconclusive'],
    ]);
    const verified = await host.admin('/receipts/verify?recompute=true');
    expect(verified).toMatchObject({ recomputed: expect.any(Number), problems: [] });
  });

  it('forgives copies that fail in an outage of both versions, however many wait when it begins', async () => {
    const { host, upstream, detail } = await startShadowing('hanging', 8);
    expect(await ask(host, 80)).toEqual(stableAnswers(80));
    upstream.goDown();
    await expect.poll(async () => (await detail()).shadowPairs.failed, patience).toBeGreaterThanOrEqual(68);
    expect((await ask(host, 4)).map((answered) => answered.slice(0, 3))).toEqual(['503', '503', '503', '503']);
    upstream.comeBack();
    // The candidate's target is out of rotation for a while; copies fail meanwhile, and stable answers.
    const phasesAfterMore = async () => {
      await ask(host, 4);
      return (await detail()).states.map(({ phase }) => phase);
    };
    await expect.poll(phasesAfterMore, patience).toContain('canary');
    expect((await detail()).states.map(({ phase }) => phase)).not.toContain('frozen');
  });

  it('goes to an engine on this machine, too, when stable is an upstream', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scarmonit-shadow-'));
    opened.push(async () => rmSync(folder, { recursive: true, force: true }));
    const artifact = join(folder, 'tiny.tar');
    await writeTinyEncoder(artifact);
    const sha256 = createHash('sha256').update(readFileSync(artifact)).digest('hex');
    const { baseUrl } = await startUpstream('same');
    const local = `artifact: { sha256: "${sha256}", recipe: concat, from: [{ sources: ["file:${artifact}"], sha256: "${sha256}" }] }`;
    const host = await startTestHost(`apiVersion: scarmonit/v1
models:
  vectors:
    task: embedding
    goals: { maxErrorRate: 0.1 }
    stable: 1.0.0
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: old, options: { retries: 0 } }
      1.1.0: { runtime: onnx, ${local} }
    rollout: { strategy: canary, steps: [50], shadow: { percent: 100, pairs: 1000 }, minBakeMinutes: 10 }
`);
    opened.push(() => host.close());
    const body = JSON.stringify({ model: 'vectors', to: '1.1.0' });
    const headers = { 'content-type': 'application/json' };
    const { id } = (await host.admin('/rollouts', { method: 'POST', headers, body })) as { id: string };
    const detail = async () => (await host.admin(`/rollouts/${id}`)) as Detail;
    await expect.poll(async () => (await detail()).state.phase, patience).toBe('shadow');
    for (const input of ['hot', 'hot', 'cold']) {
      const asked = { method: 'POST', headers: { ...headers, authorization: `Bearer ${testKey}` } };
      const answer = await fetch(`${host.url}/v1/embeddings`, {
        ...asked,
        body: JSON.stringify({ model: 'vectors', input }),
      });
      expect([answer.status, answer.headers.get('x-model-version')]).toEqual([200, '1.0.0']);
    }
    // The upstream says that everything is hot.
    await expect.poll(async () => (await detail()).shadowPairs, patience).toEqual({ pairs: 3, agreeing: 2, failed: 0 });
  });

  it('of a candidate that hangs holds up no client, stays bounded, and ends with the server', async () => {
    const { host, upstream } = await startShadowing('hanging', 1_000);
    const { copies } = upstream;
    expect(await ask(host, 200)).toEqual(stableAnswers(200));
    // No copy has ended, so no client has waited for one.
    expect(copies).toEqual({ begun: 4, open: 4, mostOpen: 4 });
    await host.close();
    opened.splice(1);
    await expect.poll(() => copies.open, patience).toBe(0);
    expect(copies.begun).toBe(4);
  });

  it('is told to the webhook with every other move, signed', async () => {
    const told: string[] = [];
    const receiver = createServer(async (request, response) => {
      const { type, data } = (await json(request)) as { type: string; data: { model: string } };
      told.push(`${type} ${data.model} ${String(request.headers['webhook-signature']).slice(0, 3)}`);
      response.end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    opened.push(async () => {
      receiver.closeAllConnections();
      receiver.close();
    });
    vi.stubEnv('SCARMONIT_WEBHOOK_URL', `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/moves`);
    vi.stubEnv('SCARMONIT_WEBHOOK_SECRET', 'only-for-tests-only-for-tests-only');
    vi.stubEnv('SCARMONIT_WEBHOOK_ALLOW_PRIVATE', 'true');
    await startShadowing('same', 1_000);
    const moves = ['draft', 'validated', 'shadow'].map((phase) => `rollout.${phase} capitals v1,`);
    await expect.poll(() => told.toSorted(), patience).toEqual(moves.toSorted());
  });
});
