import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { describe, expect, it } from 'vitest';
import { createTestApi } from './create-test-api.ts';
import { secrets } from './fake-services.ts';
import { breakAfter, callWeather, createStallingEngine, ending, say, sayWithLogprobs } from './scripted-events.ts';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const model = 'chat-model';

const weatherTool = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

describe('the official openai client', () => {
  it('lists and retrieves models', async () => {
    const client = createTestApi().client();
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toEqual(['chat-model', 'embed-model', 'label-model']);
    expect(await client.models.retrieve(model)).toEqual({
      id: model,
      object: 'model',
      created: 1_790_000_000,
      owned_by: 'scarmonit',
    });
  });

  it('chats, and sees the version and the id of the request', async () => {
    const { data, response, request_id } = await createTestApi()
      .client()
      .chat.completions.create({ model, messages })
      .withResponse();
    expect(data.choices[0]?.message).toEqual({
      role: 'assistant',
      content: 'Hello there',
      refusal: null,
      annotations: [],
    });
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    expect(request_id).toMatch(/^req_/);
  });

  it('streams the same text', async () => {
    const stream = await createTestApi().client().chat.completions.create({ model, messages, stream: true });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Hello there');
  });

  it('assembles a stream with its helper, usage included', async () => {
    const runner = createTestApi()
      .client()
      .chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    const completion = await runner.finalChatCompletion();
    expect(completion.choices[0]?.message.content).toBe('Hello there');
    expect(completion.usage?.total_tokens).toBe(10);
  });

  it('calls a tool, whole and streamed', async () => {
    const api = createTestApi();
    api.state.script = callWeather;
    const wanted = { model, messages, tools: [weatherTool], tool_choice: 'required' as const };
    const expected = [
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ];
    const whole = await api.client().chat.completions.create(wanted);
    expect(whole.choices[0]?.message).toMatchObject({ content: null, tool_calls: expected });
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    const streamed = await api.client().chat.completions.stream(wanted).finalChatCompletion();
    expect(streamed.choices[0]?.message).toMatchObject({
      content: null,
      tool_calls: expected.map((call) => expect.objectContaining(call)),
    });
  });

  it('parses an answer by its JSON schema', async () => {
    const api = createTestApi();
    api.state.script = say('{"city"', ':"Paris"}');
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const completion = await api.client().chat.completions.parse({
      model,
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    });
    expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Paris' });
    expect(api.state.calls[0]?.request).toMatchObject({ format: { type: 'json_schema', schema } });
  });

  it('reads log-probabilities', async () => {
    const api = createTestApi();
    api.state.script = sayWithLogprobs('Hi', '!');
    const completion = await api.client().chat.completions.create({ model, messages, logprobs: true, top_logprobs: 1 });
    expect(completion.choices[0]?.logprobs?.content?.map(({ token }) => token)).toEqual(['Hi', '!']);
    expect(completion.choices[0]?.logprobs?.content?.[0]?.top_logprobs).toHaveLength(1);
  });

  it('continues texts', async () => {
    const client = createTestApi().client();
    const completion = await client.completions.create({ model, prompt: ['a', 'b'], max_tokens: 5 });
    expect(completion.choices.map(({ text, index }) => [index, text])).toEqual([
      [0, 'Hello there'],
      [1, 'Hello there'],
    ]);
    expect(completion.usage?.total_tokens).toBe(20);
    let text = '';
    for await (const chunk of await client.completions.create({ model, prompt: 'a', stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe('Hello there');
  });

  it('gets the same vectors as numbers and, by default, as base64', async () => {
    const client = createTestApi().client();
    const wanted = { model: 'embed-model', input: ['a', 'b'] };
    const floats = await client.embeddings.create({ ...wanted, encoding_format: 'float' });
    const decoded = await client.embeddings.create(wanted);
    expect(floats.data[1]?.embedding).toEqual([...Float32Array.of(0.6, -0.8, 1 / 3)]);
    expect(decoded.data.map(({ embedding }) => [...embedding])).toEqual(floats.data.map(({ embedding }) => embedding));
    expect(floats.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
  });

  it('gets a response', async () => {
    const api = createTestApi();
    const response = await api.client().responses.create({ model, instructions: 'Be brief.', input: 'Hi' });
    expect(response.output_text).toBe('Hello there');
    expect(response.status).toBe('completed');
    expect(response.usage?.total_tokens).toBe(10);
    expect(api.state.calls[0]?.request).toMatchObject({
      input: {
        kind: 'messages',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
    });
  });

  it('assembles a streamed response, text and function calls', async () => {
    const api = createTestApi();
    const text = await api.client().responses.stream({ model, input: 'Hi' }).finalResponse();
    expect(text.output_text).toBe('Hello there');
    api.state.script = callWeather;
    const tools = [{ type: 'function' as const, name: 'get_weather', parameters: {}, strict: false }];
    const called = await api.client().responses.stream({ model, input: 'Hi', tools }).finalResponse();
    expect(called.output[0]).toMatchObject({
      type: 'function_call',
      call_id: 'call_1',
      name: 'get_weather',
      arguments: '{"city":"Paris"}',
    });
  });

  it('sees a response that was cut off as incomplete', async () => {
    const api = createTestApi();
    api.state.script = ending('length', 'Hel');
    const response = await api.client().responses.stream({ model, input: 'Hi' }).finalResponse();
    expect(response.status).toBe('incomplete');
    expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' });
  });

  it('stops the work when it aborts in the middle of a stream', async () => {
    const api = createTestApi();
    const engine = createStallingEngine();
    api.state.script = engine.script;
    const stream = await api.client().chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content === 'first') {
        stream.controller.abort();
      }
    }
    expect(await engine.stopped).toBe('stopped');
    expect(api.state.settled).toHaveLength(1);
    expect(api.reported).toEqual([]);
  });

  it('stops the work when it aborts before the answer', async () => {
    const api = createTestApi();
    const engine = createStallingEngine();
    api.state.script = engine.script;
    const abort = new AbortController();
    const answer = api.client().chat.completions.create({ model, messages }, { signal: abort.signal });
    const refused = expect(answer).rejects.toBeInstanceOf(APIUserAbortError);
    await engine.started;
    abort.abort();
    await refused;
    expect(await engine.stopped).toBe('stopped');
  });

  it.each([
    [
      'chat',
      (api: ReturnType<typeof createTestApi>) =>
        api.client().chat.completions.stream({ model, messages }).finalChatCompletion(),
    ],
    [
      'responses',
      (api: ReturnType<typeof createTestApi>) => api.client().responses.stream({ model, input: 'Hi' }).finalResponse(),
    ],
  ])('raises the error of a stream that breaks: %s', async (_name, run) => {
    const api = createTestApi();
    api.state.script = breakAfter(new ScarmonitError('engine_failure', 'The engine crashed.'), 'Hel');
    await expect(run(api)).rejects.toThrow('The engine crashed.');
    expect(api.reported).toHaveLength(1);
  });
});

const chat = (api: ReturnType<typeof createTestApi>, apiKey?: string) =>
  api.client(apiKey).chat.completions.create({ model, messages });

describe('the error classes of the official client', () => {
  it.each([
    ['a wrong key', 'sk-wrong', AuthenticationError, 401, 'invalid_api_key'],
    ['a key without the scope', secrets.read, PermissionDeniedError, 403, 'insufficient_permissions'],
  ] as const)('%s', async (_name, apiKey, errorClass, status, code) => {
    const error = await chat(createTestApi(), apiKey).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status, code, type: 'invalid_request_error', param: null });
  });

  it.each([
    ['unknown_model', NotFoundError, 404, 'model_not_found', 'invalid_request_error'],
    ['unknown_version', NotFoundError, 404, 'version_not_found', 'invalid_request_error'],
    ['context_length_exceeded', BadRequestError, 400, 'context_length_exceeded', 'invalid_request_error'],
    ['unsupported', BadRequestError, 400, 'unsupported', 'invalid_request_error'],
    ['overloaded', InternalServerError, 503, 'overloaded', 'server_error'],
    ['not_ready', InternalServerError, 503, 'model_not_ready', 'server_error'],
    ['engine_failure', InternalServerError, 503, 'engine_failure', 'server_error'],
    ['bad_gateway', InternalServerError, 502, 'bad_gateway', 'server_error'],
    ['timeout', InternalServerError, 504, 'timeout', 'server_error'],
  ] as const)('a service that throws %s', async (kind, errorClass, status, code, type) => {
    const api = createTestApi();
    api.state.failure = new ScarmonitError(kind, 'In plain words.', { param: 'messages' });
    const error = await chat(api).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status, code, type, param: 'messages', message: `${status} In plain words.` });
    expect(api.state.settled).toEqual(kind === 'timeout' ? api.state.estimates : [0]);
  });

  it('a wrong type, naming the field', async () => {
    const wrong = createTestApi()
      .client()
      .chat.completions.create({ model, messages: JSON.parse('[{"role":"user","content":5}]') });
    const error = await wrong.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param: 'messages[0].content', code: 'invalid_type' });
  });

  it('a limit that is used up, with the time to wait', async () => {
    const api = createTestApi();
    api.state.limits = {
      allowed: false,
      retryAfterMs: 1500,
      requests: { limit: 10, remaining: 0, resetMs: 360_000 },
      tokens: { limit: 1000, remaining: 900, resetMs: 12 },
    };
    const error = await chat(api).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'requests' });
    const headers = Object.fromEntries(error instanceof APIError ? (error.headers ?? []) : []);
    expect(headers).toMatchObject({
      'retry-after': '2',
      'retry-after-ms': '1500',
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '900',
      'x-ratelimit-reset-tokens': '12ms',
    });
    expect(api.state.calls).toEqual([]);
  });

  it('a fault of ours, which shows nothing of the inside and reports all of it', async () => {
    const api = createTestApi();
    const cause = new Error('connect ECONNREFUSED /run/secret.sock');
    api.state.failure = cause;
    const error = await chat(api).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 500, code: 'internal_error', type: 'server_error' });
    expect(String(error)).not.toContain('secret');
    const requestId = error instanceof APIError ? error.requestID : undefined;
    expect(api.reported).toEqual([{ error: cause, requestId }]);
  });

  it('something thrown that is no error at all', async () => {
    const api = createTestApi();
    api.state.failure = 'a bare string';
    await expect(chat(api)).rejects.toMatchObject({ status: 500, code: 'internal_error' });
    expect(api.state.settled).toEqual([0]);
  });
});
