import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { chatCompletionChunkSchema, chatCompletionSchema } from '@scarmonit/protocol/openai/chat-completion';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';
import { readEvents } from '../../../test/read-events.ts';
import { breakAfter, callWeather, sayWithLogprobs } from '../../../test/scripted-events.ts';

const path = '/v1/chat/completions';
const user = { role: 'user', content: 'Hi' };
const body = { model: 'chat-model', messages: [user] };
const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'Now.', parameters: { type: 'object' } },
};

const chunkBase = {
  id: 'chatcmpl-id1',
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'chat-model',
  service_tier: 'default',
  system_fingerprint: 'fp_1.0.0',
};
const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 2, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const choice = (delta: object, reason: string | null = null) => [
  { index: 0, delta, logprobs: null, finish_reason: reason },
];

describe('POST /v1/chat/completions', () => {
  it("answers in OpenAI's form", async () => {
    const response = await createTestApi({ newRequestId: () => 'req_1' }).post(path, body);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-model-version': '1.0.0',
      'openai-processing-ms': '0',
      'x-request-id': 'req_1',
    });
    const completion: unknown = await response.json();
    expect(completion).toEqual({
      ...chunkBase,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello there', refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage,
    });
    expect(chatCompletionSchema.safeParse(completion).success).toBe(true);
  });

  it("streams in OpenAI's form", async () => {
    const response = await createTestApi({ newRequestId: () => 'req_1' }).post(path, { ...body, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    const events = readEvents(await response.text()).map(({ data }) => data);
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((data): unknown => JSON.parse(data));
    expect(chunks).toEqual(
      [
        choice({ role: 'assistant', content: '', refusal: null }),
        choice({ content: 'Hello' }),
        choice({ content: ' there' }),
        choice({}, 'stop'),
      ].map((choices) => ({ ...chunkBase, choices })),
    );
    for (const chunk of chunks) {
      expect(chatCompletionChunkSchema.safeParse(chunk).success).toBe(true);
    }
  });

  it('streams usage to those who ask, in a chunk without choices', async () => {
    const response = await createTestApi().post(path, {
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = readEvents(await response.text())
      .slice(0, -1)
      .map(({ data }): unknown => JSON.parse(data));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk).toMatchObject({ usage: null });
    }
  });

  it('streams a tool call in pieces', async () => {
    const api = createTestApi();
    api.state.script = callWeather;
    const response = await api.post(path, { ...body, tools: [weather], stream: true });
    const chunks = readEvents(await response.text())
      .slice(0, -1)
      .map(({ data }) => JSON.parse(data).choices[0]);
    expect(chunks.map(({ delta }) => delta)).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"Paris"}' } }] },
      {},
    ]);
    expect(chunks.at(-1).finish_reason).toBe('tool_calls');
  });

  it('streams log-probabilities', async () => {
    const api = createTestApi();
    api.state.script = sayWithLogprobs('Hi');
    const response = await api.post(path, { ...body, logprobs: true, top_logprobs: 1, stream: true });
    const [, chunk] = readEvents(await response.text());
    const token = { token: 'Hi', logprob: -0.5, bytes: [72, 105] };
    expect(JSON.parse(chunk?.data ?? '').choices[0].logprobs).toEqual({
      content: [{ ...token, top_logprobs: [token] }],
      refusal: null,
    });
  });

  it('ends a stream that breaks with an error and without [DONE]', async () => {
    const api = createTestApi();
    api.state.script = breakAfter(new ScarmonitError('timeout', 'It took too long.'), 'Hel');
    const response = await api.post(path, { ...body, stream: true });
    expect(response.status).toBe(200);
    const events = readEvents(await response.text());
    expect(JSON.parse(events.at(-1)?.data ?? '')).toEqual({
      error: { message: 'It took too long.', type: 'server_error', param: null, code: 'timeout' },
    });
  });

  it('hands everything on that the engine must know', async () => {
    const api = createTestApi();
    await api.post(
      path,
      {
        ...body,
        messages: [
          { role: 'developer', content: 'Be brief.' },
          {
            role: 'user',
            name: 'ann',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
        ],
        max_tokens: 5,
        max_completion_tokens: 6,
        stop: 'END',
        temperature: 0,
        top_p: 0.5,
        top_k: 3,
        seed: 7,
        frequency_penalty: 0.1,
        presence_penalty: 0.2,
        logit_bias: { 5: -100 },
        response_format: { type: 'json_object' },
        tools: [weather],
        tool_choice: { type: 'function', function: { name: 'get_weather' } },
        parallel_tool_calls: false,
        unknown_field: true,
      },
      { 'x-model-version': '1.1.0', 'x-request-id': 'trace-1' },
    );
    const { call, request } = api.state.calls[0] ?? {};
    expect(call).toMatchObject({ requestId: 'trace-1', route: path, model: 'chat-model', pin: '1.1.0', stream: false });
    expect(call?.key.id).toBe('key-infer');
    expect(request).toEqual({
      input: {
        kind: 'messages',
        messages: [
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', content: 'ab', name: 'ann' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'get_weather', arguments: '{}' }] },
          { role: 'tool', content: 'sunny', toolCallId: 'c1' },
        ],
      },
      maxTokens: 6,
      stop: ['END'],
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 7,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      logitBias: { 5: -100 },
      format: { type: 'json_object' },
      tools: [{ name: 'get_weather', description: 'Now.', parameters: { type: 'object' } }],
      toolChoice: { name: 'get_weather' },
      parallelToolCalls: false,
    });
  });

  it.each([false, true])('answers from the version that is pinned, and says so; stream %s', async (stream) => {
    const api = createTestApi();
    const versionOf = async (headers: Readonly<Record<string, string>>) => {
      const response = await api.post(path, { ...body, stream }, headers);
      await response.text();
      return response.headers.get('x-model-version');
    };
    expect(await versionOf({ 'x-model-version': '1.1.0' })).toBe('1.1.0');
    expect(await versionOf({ 'x-model-version': 'stable' })).toBe('1.0.0');
    expect(await versionOf({})).toBe('1.0.0');
  });

  it('takes null for absent and fills in the defaults', async () => {
    const api = createTestApi();
    await api.post(path, { ...body, max_tokens: null, stop: null, temperature: null, tools: null, stream: null });
    expect(api.state.calls[0]?.request).toEqual({
      input: { kind: 'messages', messages: [user] },
      maxTokens: 1024,
      stop: [],
      format: { type: 'text' },
      tools: [],
      toolChoice: 'none',
    });
  });

  const image = { type: 'image_url', image_url: { url: 'data:' } };

  it.each([
    [{ n: 2 }, 'n', 'unsupported'],
    [{ messages: [{ role: 'user', content: [image] }] }, 'messages[0].content[0].type', 'unsupported'],
    [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content', 'missing_required_parameter'],
    [{ messages: [{ role: 'assistant' }] }, 'messages[0].content', 'missing_required_parameter'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id', 'missing_required_parameter'],
    [{ modalities: ['text', 'audio'] }, 'modalities', 'unsupported'],
    [{ functions: [] }, 'functions', 'unsupported'],
    [{ web_search_options: {} }, 'web_search_options', 'unsupported'],
    [{ tools: [{ type: 'custom', custom: {} }] }, 'tools[0].type', 'unsupported'],
    [{ tool_choice: 'required' }, 'tool_choice', 'invalid_value'],
    [
      { tools: [weather], tool_choice: { type: 'function', function: { name: 'other' } } },
      'tool_choice',
      'invalid_value',
    ],
    [{ top_logprobs: 2 }, 'top_logprobs', 'invalid_value'],
    [{ stream_options: { include_usage: true } }, 'stream_options', 'invalid_value'],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
      'response_format.json_schema.schema',
      'missing_required_parameter',
    ],
  ])('refuses %j, naming %s', async (fields, param, code) => {
    const api = createTestApi();
    const response = await api.post(path, { ...body, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, code, type: 'invalid_request_error' } });
    expect(api.state.calls).toEqual([]);
    expect(api.state.settled).toEqual([0]);
  });

  it('refuses a schema so deep that serialising it would overflow', async () => {
    const depth = 100_000;
    const schema = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const format = `{"type":"json_schema","json_schema":{"name":"x","schema":${schema}}}`;
    const messages = JSON.stringify(body.messages);
    const response = await createTestApi().post(
      path,
      `{"model":"chat-model","messages":${messages},"response_format":${format}}`,
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'response_format.json_schema.schema' } });
  });

  it('reserves an estimate by the size of the body and settles what was used', async () => {
    const api = createTestApi();
    await api.post(path, body);
    expect(api.state.estimates).toEqual([Math.ceil(JSON.stringify(body).length / 4)]);
    expect(api.state.settled).toEqual([10]);
    await (await api.post(path, { ...body, stream: true })).text();
    expect(api.state.settled).toEqual([10, 10]);
  });

  it.each([false, true])(
    'settles the estimate for a client that left, and at a deadline; stream %s',
    async (stream) => {
      for (const kind of ['cancelled', 'timeout'] as const) {
        const api = createTestApi();
        api.state.failure = new ScarmonitError(kind, 'It ended.');
        await api.post(path, { ...body, stream });
        expect(api.state.settled).toEqual(api.state.estimates);
      }
    },
  );

  it('settles the estimate and the pieces of a whole answer that broke in the middle', async () => {
    const api = createTestApi();
    for (const kind of ['engine_failure', 'cancelled'] as const) {
      api.state.script = breakAfter(new ScarmonitError(kind, 'It broke.'), 'a', 'b');
      await api.post(path, body);
    }
    const [estimate = 0] = api.state.estimates;
    expect(api.state.settled).toEqual([estimate + 2, estimate + 2]);
  });

  it.each(['invalid_request', 'not_ready', 'overloaded', 'unknown_model', 'engine_failure', 'bad_gateway'] as const)(
    'settles nothing for what was refused before the work: %s',
    async (kind) => {
      const api = createTestApi();
      api.state.failure = new ScarmonitError(kind, 'Refused.');
      await api.post(path, body);
      expect(api.state.settled).toEqual([0]);
    },
  );
});
