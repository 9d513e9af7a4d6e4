// needs: starter-models, llama-server

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, Opened, patience, Reading, readData } from './gateway/open-gateway.ts';
import { type LlamaServer, startLlamaServer } from './start-llama-server.ts';
import { starterManifest, testKey } from './start-test-host.ts';

const opened = new Opened();
let server: LlamaServer;
let gateway: Gateway;
let model: string;
let client: OpenAI;

beforeAll(async () => {
  server = await startLlamaServer({
    modelPath: findChatModel(),
    slots: 2,
    contextTokens: 512,
    threads: 2,
    builtInTemplate: true,
  });
  gateway = await opened.gateway();
  model = await gateway.serve({ upstreams: [server], options: { retries: 0 } });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: testKey, maxRetries: 0 });
});
afterAll(async () => {
  await server.kill();
  await opened.close();
});

/** The chat model of the starter manifest, where tests keep it. */
function findChatModel(): string {
  const [, digest = ''] =
    /runtime: llama-cpp\s+artifact:\s+sha256: "([0-9a-f]{64})"/.exec(readFileSync(starterManifest, 'utf8')) ?? [];
  const data = process.env.SCARMONIT_TEST_DATA_DIR ?? join(import.meta.dirname, '..', '..', '.scarmonit-test');
  return resolve(data, 'artifacts', 'sha256', digest);
}

const capital = {
  messages: [{ role: 'user' as const, content: 'What is the capital of France?' }],
  temperature: 0,
  max_tokens: 24,
};

/** Says nothing that would end it before its tokens are used up. */
const endless = { max_tokens: 400, ignore_eos: true, stream: true };

const busySlots = async (): Promise<number> => (await server.slots()).filter((slot) => slot.is_processing).length;

describe("llama.cpp's own server behind the gateway", () => {
  it('answers, and the same in a stream, with its own count of tokens', async () => {
    const whole = await client.chat.completions.create({ ...capital, model });
    expect(whole.choices[0]?.message.content).toContain('Paris');
    expect(whole.model).toBe(model);
    const pieces: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    const stream = await client.chat.completions.create({
      ...capital,
      model,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      usage = chunk.usage ?? usage;
    }
    expect(pieces.join('')).toBe(whole.choices[0]?.message.content);
    expect(pieces.length).toBeGreaterThan(5);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
    expect(usage?.prompt_tokens).toBe(whole.usage?.prompt_tokens);
    expect(usage?.prompt_tokens).toBeGreaterThan(5);
  });

  it('stops before the stop text and at the wanted number of tokens', async () => {
    const stopped = await client.chat.completions.create({ ...capital, model, stop: ['France'] });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(stopped.choices[0]?.message.content).not.toContain('France');
    const short = await client.chat.completions.create({ ...capital, model, max_tokens: 3 });
    expect(short).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } });
  });

  it('is held to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { city: { enum: ['Paris', 'Rome'] }, isCapital: { type: 'boolean' } },
      required: ['city', 'isCapital'],
      additionalProperties: false,
    };
    const answer = await client.chat.completions.create({
      ...capital,
      model,
      max_tokens: 64,
      response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } },
    });
    const { city, isCapital } = JSON.parse(answer.choices[0]?.message.content ?? '');
    expect(['Paris', 'Rome']).toContain(city);
    expect(typeof isCapital).toBe('boolean');
  });

  it('gets fields of its own that no gateway knows, and its refusal of them reaches the client', async () => {
    const held = await gateway.chat({ ...capital, grammar: 'root ::= "never " "mind"' });
    expect(await held.json()).toMatchObject({ choices: [{ message: { content: 'never mind' } }] });
    const refused = await gateway.chat({ ...capital, grammar: 'root ::= (' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining('grammar'), type: 'invalid_request_error' },
    });
  });

  it('says that a prompt is too long, in the shape of OpenAI', async () => {
    const messages = [{ role: 'user', content: 'long '.repeat(600) }];
    const refused = await gateway.chat({ messages });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining('context'), type: 'invalid_request_error' },
    });
  });

  // In a stream only: it computes an answer in one piece to its end, even when it is asked without a gateway.
  it('frees its slot when the client leaves in the middle of a stream', async () => {
    const response = await gateway.chat(endless, { headers: { 'x-request-id': 'leaves' } });
    const reading = new Reading(response);
    await reading.until('"content":"');
    expect(await busySlots()).toBe(1);
    await reading.leave();
    await expect.poll(busySlots, patience).toBe(0);
    const decoded = (await server.slots()).map(({ next_token }) => next_token?.[0]?.n_decoded ?? 0);
    expect(Math.max(...decoded)).toBeLessThan(endless.max_tokens);
    await expect
      .poll(() => gateway.recordsOf('leaves'), patience)
      .toMatchObject([{ outcome: 'cancelled', status: 499 }]);
  });

  it('ends a stream with an error and no [DONE] when it is killed, and is a 502 from then on', async () => {
    const reading = new Reading(await gateway.chat(endless));
    await reading.until('"content":"');
    await server.kill();
    const data = readData(await reading.toEnd());
    expect(data.at(-1)).toMatchObject({ error: { message: expect.any(String), code: 'upstream_broke_off' } });
    expect(data).not.toContain('[DONE]');
    const refused = await gateway.chat(capital);
    expect(refused.status).toBe(502);
    expect(await refused.json()).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  });
});
