import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { WireChunk, WireRequest } from '@scarmonit/core/ports/model-runtime';
import { testUpstream, testVersion } from '@scarmonit/core/test/manifest';
import { createTestServing } from '@scarmonit/core/test/serving';
import { APIUserAbortError, BadRequestError, RateLimitError } from 'openai';
import { describe, expect, it } from 'vitest';
import { createTestApi } from './create-test-api.ts';
import { readEvents } from './read-events.ts';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const model = 'chat';
const path = '/v1/chat/completions';

/** The app over the real inference service; `chat` runs elsewhere, `local` on this machine. */
async function open() {
  const serving = await createTestServing({
    chat: [testUpstream('chat', '1.0.0', { fallbacks: ['1.1.0', 'local'] }), testUpstream('chat', '1.1.0')],
    local: [testVersion('local', '4.0.0')],
    vectors: [testUpstream('vectors', '2.0.0')],
  });
  const requests: WireRequest[] = [];
  const answer = serving.runtime.forward;
  serving.runtime.forward = (request, context, spec) => {
    requests.push(request);
    return answer(request, context, spec);
  };
  const { runtime, records } = serving;
  /** The upstream of every version streams this. */
  const stream = (chunks: (signal: AbortSignal) => AsyncIterable<WireChunk>) => {
    runtime.forward = async (_request, { signal }) => ({ kind: 'stream', chunks: chunks(signal as AbortSignal) });
  };
  return { ...createTestApi({}, serving.inference), runtime, records, requests, stream };
}

async function* say(...texts: readonly (string | undefined)[]): AsyncIterable<WireChunk> {
  for (const text of texts) {
    yield { text };
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

describe('a version that runs elsewhere', () => {
  it('answers with the text of its upstream, as it is', async () => {
    const { post, runtime, records, state } = await open();
    const text = '{ "model":"chat",  "new_field": [1.0] }';
    runtime.forward = async () => ({ kind: 'json', text, usage: { inputTokens: 4, outputTokens: 6 } });
    const response = await post(path, { model, messages });
    expect(await response.text()).toBe(text);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-model-version': '1.0.0',
    });
    expect(response.headers.has('x-model-fallback')).toBe(false);
    expect(state.settled).toEqual([10]);
    expect(records).toMatchObject([{ outcome: 'ok', route: path, inputTokens: 4, outputTokens: 6 }]);
  });

  it('streams the chunks of its upstream as they are, but for hidden ones', async () => {
    const { post, stream, state } = await open();
    stream(async function* () {
      yield { text: '{"a": 1.0}' };
      yield { text: undefined, usage: { inputTokens: 4, outputTokens: 6 } };
    });
    const response = await post(path, { model, messages, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe('data: {"a": 1.0}\n\ndata: [DONE]\n\n');
    expect(state.settled).toEqual([10]);
  });

  it('keeps JSON on several lines in one event', async () => {
    const { post, stream } = await open();
    stream(() => say('{\n"a": 1\n}'));
    const events = readEvents(await (await post(path, { model, messages, stream: true })).text());
    expect(events.map(({ data }) => data)).toEqual(['{\n"a": 1\n}', '[DONE]']);
  });

  it('settles an answer without usage with the estimate and the pieces', async () => {
    const { post, stream, runtime, state } = await open();
    runtime.forward = async () => ({ kind: 'json', text: '{}', usage: undefined });
    await post(path, { model, messages });
    stream(() => say('{}', '{}'));
    await (await post(path, { model, messages, stream: true })).text();
    expect(state.settled).toEqual([state.estimates[0], (state.estimates[1] ?? 0) + 2]);
  });

  it('ends a stream that breaks with an error and without [DONE]', async () => {
    const { post, stream, reported, records, state } = await open();
    stream(async function* () {
      yield { text: '{}' };
      throw new ScarmonitError('engine_failure', 'The upstream went away.');
    });
    const response = await post(path, { model, messages, stream: true });
    expect(response.status).toBe(200);
    const events = readEvents(await response.text());
    expect(events.map(({ data }): unknown => JSON.parse(data))).toEqual([
      {},
      { error: { message: 'The upstream went away.', type: 'server_error', param: null, code: 'engine_failure' } },
    ]);
    expect(reported).toHaveLength(1);
    expect(records).toMatchObject([{ outcome: 'error', outputTokens: 1 }]);
    expect(state.settled).toEqual([(state.estimates[0] ?? 0) + 1]);
  });

  it.each([
    [path, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }] }],
    [path, { messages, n: 2, audio: { voice: 'a' }, modalities: ['text', 'audio'], functions: [] }],
    [path, { messages, tools: [{ type: 'custom', custom: { name: 'x' } }], tool_choice: 'required' }],
    [path, { messages, logit_bias: null, future_field: { deep: [1, { deeper: null }] } }],
    ['/v1/completions', { prompt: ['a', 'b'], stream: true, n: 3, best_of: 4, suffix: 'end', echo: true, logprobs: 1 }],
    ['/v1/completions', { prompt: 'a', future_field: true }],
  ])('%s passes on what engines on this machine refuse or do not know: %j', async (route, fields) => {
    const { post, requests } = await open();
    const body = { model, ...fields };
    expect((await post(route, body)).status).toBe(200);
    const text = JSON.stringify(body);
    expect(requests).toEqual([{ endpoint: route.slice('/v1/'.length), body, text, publicModel: model }]);
  });

  it.each([
    [path, { messages: 'Hi' }, 'messages'],
    [path, { messages, n: 'two' }, 'n'],
    ['/v1/completions', { prompt: 5 }, 'prompt'],
    ['/v1/embeddings', { input: [] }, 'input'],
  ])('%s still refuses wrong types: %j', async (route, fields, param) => {
    const { post, requests } = await open();
    const response = await post(route, { model: route === '/v1/embeddings' ? 'vectors' : model, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
    expect(requests).toEqual([]);
  });

  it('hands embeddings on, whichever route they come by', async () => {
    const { post, requests } = await open();
    await post('/v1/embeddings', { model: 'vectors', input: 'a', encoding_format: 'base64', input_type: 'query' });
    await post('/api/infer?task=embedding', { text: ['a', 'b'] });
    expect(requests).toEqual([
      {
        endpoint: 'embeddings',
        body: { model: 'vectors', input: 'a', encoding_format: 'base64', input_type: 'query' },
        publicModel: 'vectors',
      },
      { endpoint: 'embeddings', body: { input: ['a', 'b'] }, publicModel: 'vectors' },
    ]);
  });

  it('is reached by /api/chat and, generating, by /v1/responses', async () => {
    const { post, requests } = await open();
    await post('/api/chat', { model, messages, n: 2 });
    expect(requests).toMatchObject([{ endpoint: 'chat/completions', body: { n: 2 } }]);
    const response = await post('/v1/responses', { model, input: 'Hi' });
    expect(await response.json()).toMatchObject({ status: 'completed', model });
    expect(requests).toHaveLength(1);
  });
});

describe('a pinned version that is not stable', () => {
  it.each([false, true])('answers by itself and says so; stream %s', async (stream) => {
    const { post, records } = await open();
    const response = await post(path, { model, messages, stream }, { 'x-model-version': '1.1.0' });
    await response.text();
    expect(response.headers.get('x-model-version')).toBe('1.1.0');
    expect(response.headers.has('x-model-fallback')).toBe(false);
    expect(records).toMatchObject([{ version: '1.1.0', outcome: 'ok' }]);
  });
});

describe('the official openai client, through a version that runs elsewhere', () => {
  it('chats and streams', async () => {
    const { client } = await open();
    const { data, response } = await client().chat.completions.create({ model, messages }).withResponse();
    expect(data).toMatchObject({ model, choices: [{ message: { content: 'hello' } }] });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    let text = '';
    for await (const chunk of await client().chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('hello');
  });

  it('raises the error of a stream that breaks', async () => {
    const { client, stream } = await open();
    stream(async function* () {
      yield { text: '{"choices":[]}' };
      throw new ScarmonitError('engine_failure', 'The upstream went away.');
    });
    const reading = async () => {
      for await (const _ of await client().chat.completions.create({ model, messages, stream: true }));
    };
    await expect(reading()).rejects.toThrow('The upstream went away.');
  });

  it('stops the upstream when it aborts in the middle of a stream', async () => {
    const { client, stream, records, reported, state } = await open();
    const stopped = Promise.withResolvers<void>();
    stream(async function* (signal) {
      try {
        yield { text: '{"choices":[]}' };
        await aborted(signal);
      } finally {
        stopped.resolve();
      }
    });
    const reading = await client().chat.completions.create({ model, messages, stream: true });
    for await (const _ of reading) {
      reading.controller.abort();
    }
    await stopped.promise;
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499, outputTokens: 1 }]);
    expect(state.settled).toHaveLength(1);
    expect(reported).toEqual([]);
  });

  it('stops the upstream when it aborts before the answer, and tries no other', async () => {
    const { client, runtime, records } = await open();
    const started = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    runtime.forward = (_request, { signal }) => {
      started.resolve();
      return aborted(signal as AbortSignal).finally(() => stopped.resolve());
    };
    const abort = new AbortController();
    const answer = client().chat.completions.create({ model, messages, stream: true }, { signal: abort.signal });
    const refused = expect(answer).rejects.toBeInstanceOf(APIUserAbortError);
    await started.promise;
    abort.abort();
    await refused;
    await stopped.promise;
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499 }]);
  });

  it("sees the upstream's refusals and when to try again", async () => {
    const { client, runtime } = await open();
    runtime.forward = () => Promise.reject(new ScarmonitError('invalid_request', 'Too hot.', { param: 'temperature' }));
    const chat = (version?: string) =>
      client()
        .chat.completions.create({ model, messages }, version ? { headers: { 'x-model-version': version } } : {})
        .catch((thrown: unknown) => thrown);
    expect(await chat()).toBeInstanceOf(BadRequestError);
    runtime.forward = () => Promise.reject(new ScarmonitError('rate_limited', 'Slow down.', { retryAfterMs: 7_000 }));
    const limited = await chat('1.0.0');
    expect(limited).toBeInstanceOf(RateLimitError);
    expect(limited instanceof RateLimitError && limited.headers.get('retry-after')).toBe('7');
  });
});

describe('a fallback, as a client sees it', () => {
  const breakFirst = async () => {
    const api = await open();
    const answer = api.runtime.forward;
    api.runtime.forward = (request, context, spec) =>
      spec.version === '1.0.0'
        ? Promise.reject(new ScarmonitError('engine_failure', 'The first is down.'))
        : answer(request, context, spec);
    return api;
  };

  it.each([false, true])('keeps the name asked for and tells what served; stream %s', async (stream) => {
    const { post, records, reported } = await breakFirst();
    const response = await post(path, { model, messages, stream });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-model-version')).toBe('1.1.0');
    expect(response.headers.get('x-model-fallback')).toBe('chat@1.1.0');
    expect(await response.text()).toContain('"model":"chat"');
    expect(records.map(({ version, outcome }) => [version, outcome])).toEqual([
      ['1.0.0', 'error'],
      ['1.1.0', 'ok'],
    ]);
    expect(reported).toEqual([]);
  });

  it.each([false, true])('goes from upstreams to an engine on this machine; stream %s', async (stream) => {
    const { post, runtime } = await breakFirst();
    runtime.forward = () => Promise.reject(new ScarmonitError('engine_failure', 'All are down.'));
    const response = await post(path, { model, messages, stream });
    expect(response.headers.get('x-model-fallback')).toBe('local@4.0.0');
    const text = await response.text();
    expect(text).toContain('"model":"chat"');
    expect(text).toContain('"system_fingerprint":"fp_local@4.0.0"');
  });

  it('tells of the upstream, not of what its stand-in cannot do', async () => {
    const { post, runtime, reported } = await open();
    runtime.forward = () => Promise.reject(new ScarmonitError('engine_failure', 'All are down.'));
    const response = await post(path, { model, messages, n: 2 });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { message: 'All are down.' } });
    expect(reported).toHaveLength(1);
  });

  it('is never taken by a request that pins its version', async () => {
    const { post, records } = await breakFirst();
    const response = await post(path, { model, messages }, { 'x-model-version': '1.0.0' });
    expect(response.status).toBe(503);
    expect(records).toHaveLength(1);
  });
});
