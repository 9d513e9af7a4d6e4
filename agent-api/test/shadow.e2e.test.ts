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
type Behaviour = 'same' | 'different' | 'broken' | 'hanging';

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
    if (!isCopy || behaviour === 'same') answer(response, asked, 'Paris');
    else if (behaviour === 'different') answer(response, asked, 'Lyon');
    else if (behaviour === 'broken') response.writeHead(500).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { copies, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
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

const manifest = (baseUrl: string, stable: string, pairs: number): string => `apiVersion: scarmonit/v1
models:
  capitals:
    task: chat
    goals: { maxErrorRate: 0.1 }
    stable: ${stable}
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: old, options: { retries: 0 } }
      1.1.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: new, options: { retries: 0 } }
    rollout: { strategy: canary, steps: [50], shadow: { percent: 100, pairs: ${pairs} }, minBakeMinutes: 10 }
`;

interface Detail {
  readonly state: { readonly phase: string; readonly reason: string };
  readonly shadowPairs: { readonly pairs: number; readonly agreeing: number; readonly failed: number };
}

/** A host whose model is in the shadow phase of a rollout that wants so many pairs. */
async function startShadowing(behaviour: Behaviour, pairs: number) {
  const upstream = await startUpstream(behaviour);
  const host = await startTestHost(manifest(upstream.baseUrl, '1.0.0', pairs));
  opened.push(() => host.close());
  await expect.poll(async () => (await fetch(`${host.url}/readyz`)).status, patience).toBe(200);
  await host.admin('/manifest', { method: 'PUT', body: manifest(upstream.baseUrl, '1.1.0', pairs) });
  const { data } = (await host.admin('/rollouts')) as { data: { id: string }[] };
  const detail = async () => (await host.admin(`/rollouts/${data[0]?.id}`)) as Detail;
  await expect.poll(async () => (await detail()).state.phase, patience).toBe('shadow');
  return { host, copies: upstream.copies, detail };
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
    expect(await ask(host, 24)).toEqual(stableAnswers(24));
    await expect.poll(async () => (await detail()).state.phase, patience).toBe('rolled-back');
    expect((await detail()).state.reason).toMatch(
      /^1\.1\.0 failed (2\d) of \1 copies of requests that 1\.0\.0 had answered$/,
    );
    expect(await ask(host, 4)).toEqual(stableAnswers(4));
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
    const { host, copies } = await startShadowing('hanging', 1_000);
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
