import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInAnswers } from './answers/built-in-answers.ts';
import { errorTable } from './error-table.ts';
import { runOverWire } from './run-over-wire.ts';
import { type Emulator, startEmulator } from './start-emulator.ts';

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ port: 0, answers: builtInAnswers, apiToken: 'token-1' });
});
afterEach(() => emulator.close());

const llama = '@cf/meta/llama-3-8b-instruct';
const bge = '@cf/baai/bge-base-en-v1.5';
const distilbert = '@cf/huggingface/distilbert-sst-2-int8';
const messages = [{ role: 'user', content: 'Hello there' }];

function ask(model: string, inputs: unknown, headers: Record<string, string> = {}) {
  return fetch(`${emulator.url}/client/v4/accounts/abc123/ai/run/${model}`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-1', 'content-type': 'application/json', ...headers },
    body: typeof inputs === 'string' ? inputs : JSON.stringify(inputs),
  });
}

async function fail(model: string, inputs: unknown, headers: Record<string, string> = {}) {
  const response = await ask(model, inputs, headers);
  const { success, errors } = (await response.json()) as {
    success: boolean;
    errors: [{ code: number; message: string }];
  };
  return { status: response.status, success, ...errors[0] };
}

describe('the REST API', () => {
  it('answers in an envelope', async () => {
    const response = await ask(llama, { messages });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      result: {
        response: 'You said: Hello there',
        usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
      },
      success: true,
      errors: [],
      messages: [],
    });
  });

  it('streams in the native format, padded, and ends with [DONE]', async () => {
    const response = await ask(llama, { prompt: 'Hi', stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = (await response.text()).split('\n\n').filter(Boolean);
    expect(events.at(-1)).toBe('data: [DONE]');
    const frames = events.slice(0, -1).map((event) => JSON.parse(event.replace(/^data: /, '')));
    expect(frames.map(({ response }) => response).join('')).toBe('You said: Hi');
    expect(frames.every(({ p }) => typeof p === 'string' && p !== '')).toBe(true);
    expect(frames.at(-1)).toMatchObject({ usage: { prompt_tokens: 1, completion_tokens: 3 } });
  });

  it('streams in OpenAI’s format where the model does, tool calls ending in nulls', async () => {
    const tool = { name: 'f', description: 'd', parameters: { type: 'object', properties: { x: { type: 'string' } } } };
    const inputs = { messages, stream: true, tools: [{ type: 'function', function: tool }] };
    const text = await (await ask('@cf/google/gemma-4-26b-a4b-it', inputs)).text();
    const frames = text
      .split('\n\n')
      .slice(0, -2)
      .map((event) => JSON.parse(event.replace(/^data: /, '')));
    const calls = frames.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ type: 'function', index: 0, function: { name: 'f', arguments: '' } });
    expect(calls.at(-1)).toEqual({ id: null, type: null, index: 0, function: { name: null, arguments: '' } });
    expect(frames.some(({ choices }) => choices[0]?.finish_reason === 'tool_calls')).toBe(true);
  });

  it('embeds and classifies', async () => {
    const vectors = (await (await ask(bge, { text: ['a', 'b'] })).json()) as { result: { shape: number[]; data: [] } };
    expect(vectors).toMatchObject({ result: { shape: [2, 768], pooling: 'mean' } });
    expect(vectors.result.data).toHaveLength(2);
    expect(await (await ask(distilbert, { text: 'I love it' })).json()).toMatchObject({
      result: [
        { label: 'NEGATIVE', score: 0.25 },
        { label: 'POSITIVE', score: 0.75 },
      ],
    });
  });

  it.each<[string, string, unknown, number, number, string]>([
    ['nothing to say', llama, {}, 400, 5006, "'prompt' or 'messages'"],
    ['a message without text', llama, { messages: [{ role: 'user' }] }, 400, 5006, "'/messages/0/content'"],
    ['a seed of 0', llama, { messages, seed: 0 }, 400, 5006, "'/seed' must be >= 1"],
    ['a temperature that is text', llama, { messages, temperature: '1' }, 400, 5006, "'/temperature'"],
    ['a tool without parameters', llama, { messages, tools: [{ name: 'f' }] }, 400, 5006, "'/tools/0'"],
    [
      'JSON mode as a stream',
      llama,
      { messages, stream: true, response_format: { type: 'json_object' } },
      400,
      5006,
      'streaming',
    ],
    ['101 texts', bge, { text: Array.from({ length: 101 }, () => 'a') }, 400, 5006, '100 items'],
    ['an empty text', bge, { text: '' }, 400, 5006, "'/text' must be >= 1"],
    ['several texts to classify', distilbert, { text: ['a'] }, 400, 5006, "'/text', must be 'string'"],
    ['no JSON', llama, '{', 400, 3003, 'body'],
    ['another model', '@cf/meta/llama-9', {}, 400, 5007, 'No such model @cf/meta/llama-9 or task'],
    ['no name', 'llama', {}, 404, 3042, 'invalid'],
  ])('refuses %s', async (_what, model, inputs, status, code, words) => {
    expect(await fail(model, inputs)).toEqual({
      status,
      success: false,
      code,
      message: expect.stringContaining(words),
    });
  });

  it('wants its token', async () => {
    expect(await fail(llama, { messages }, { authorization: 'Bearer other' })).toMatchObject({
      status: 401,
      code: 10000,
    });
  });

  it.each(Object.entries(errorTable))('can be told to refuse with %s', async (code, { status, description }) => {
    emulator.behave(`error:${code}`, 1);
    expect(await fail(llama, { messages })).toEqual({
      status,
      success: false,
      code: Number(code),
      message: `AiError: AiError: ${description}`,
    });
    expect((await ask(llama, { messages })).status).toBe(200);
  });

  it('can be told so by a header', async () => {
    expect(await fail(llama, { messages }, { 'x-emulator-behaviour': 'error:3040' })).toMatchObject({ status: 429 });
  });
});

describe('the binding’s wire', () => {
  const run = (headers: Record<string, string>, body: unknown) =>
    fetch(`${emulator.url}/run?version=3`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cf-consn-sdk-version': '2.0.0', ...headers },
      body: JSON.stringify(body),
    });

  it('answers without an envelope, as JSON by exactly that name', async () => {
    const response = await run({ 'cf-consn-model-id': distilbert }, { inputs: { text: 'bad' }, options: {} });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cf-ai-req-id')).toBe('emulated-1');
    expect(await response.json()).toEqual([
      { label: 'NEGATIVE', score: 0.75 },
      { label: 'POSITIVE', score: 0.25 },
    ]);
  });

  it('tells an error by its four fields', async () => {
    const response = await run({ 'cf-consn-model-id': '@cf/no/model' }, { inputs: {}, options: {} });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      internalCode: 5007,
      name: 'No such model',
      message: 'AiError: No such model @cf/no/model or task',
      description: 'No such model @cf/no/model or task',
    });
  });

  it('is what env.AI.run makes results, streams and errors of', async () => {
    expect(await runOverWire(emulator.url, llama, { messages })).toMatchObject({ response: 'You said: Hello there' });
    const stream = await runOverWire(emulator.url, llama, { messages, stream: true });
    if (!(stream instanceof ReadableStream)) throw new Error('a stream was asked for');
    expect(await new Response(stream).text()).toMatch(/data: \[DONE\]\n\n$/);
    emulator.behave('busy');
    await expect(runOverWire(emulator.url, llama, { messages }, { rejectIfBusy: true })).rejects.toMatchObject({
      name: 'Out of capacity',
      message: '3040: Capacity temporarily exceeded, please try again.',
    });
  });
});

describe('the endpoints in OpenAI’s format', () => {
  it('satisfy the official client', async () => {
    const client = new OpenAI({
      apiKey: 'token-1',
      baseURL: `${emulator.url}/client/v4/accounts/abc123/ai/v1`,
      maxRetries: 0,
    });
    const chat = await client.chat.completions.create({ model: llama, messages: [{ role: 'user', content: 'Hi' }] });
    expect(chat.choices[0]?.message.content).toBe('You said: Hi');
    const stream = await client.chat.completions.create({
      model: llama,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    });
    let said = '';
    for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? '';
    expect(said).toBe('You said: Hi');
    const vectors = await client.embeddings.create({ model: bge, input: ['a', 'b'], encoding_format: 'float' });
    expect(vectors.data.map(({ embedding }) => embedding.length)).toEqual([768, 768]);
  });
});

describe('the emulator’s own routes', () => {
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${emulator.url}/emulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('tell what was asked and how it ended, without the token', async () => {
    await (await ask(llama, { messages })).text();
    const { body } = await send('GET', 'requests');
    expect(body).toMatchObject({
      requests: [{ id: 1, via: 'rest', model: llama, inputs: { messages }, state: 'answered', status: 200 }],
    });
    expect(JSON.stringify(body)).not.toContain('token-1');
    await send('DELETE', 'requests');
    expect((await send('GET', 'requests')).body).toEqual({ requests: [] });
  });

  it('show that a caller has left', async () => {
    expect(await send('POST', 'behaviour', { behaviour: 'stall', times: 1 })).toMatchObject({ status: 200 });
    const response = await ask(llama, { messages, stream: true });
    await response.body?.cancel();
    await expect.poll(() => emulator.requests[0]?.state).toBe('aborted');
  });

  it('refuse an order that they do not know', async () => {
    expect(await send('POST', 'behaviour', { behaviour: 'error:1' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('error:1 is no way to misbehave; there are busy, truncate') },
    });
  });

  it('are cleared', async () => {
    await send('POST', 'behaviour', { behaviour: 'error:3040' });
    await send('DELETE', 'behaviour');
    expect((await ask(llama, { messages })).status).toBe(200);
  });
});
