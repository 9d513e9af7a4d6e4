import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { type ResponseEvent, responseEventSchema, responseSchema } from '@scarmonit/protocol/openai/response';
import { describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/create-test-api.ts';
import { readEvents } from '../../../test/read-events.ts';
import { breakAfter, callWeather, ending, say, sayWithLogprobs } from '../../../test/scripted-events.ts';

const path = '/v1/responses';
const body = { model: 'chat-model', input: 'Hi' };

async function stream(api: TestApi, fields: object = {}): Promise<readonly ResponseEvent[]> {
  const response = await api.post(path, { ...body, stream: true, ...fields });
  return readEvents(await response.text()).map(({ event, data }) => {
    const parsed = responseEventSchema.parse(JSON.parse(data));
    expect(parsed.type).toBe(event);
    return parsed;
  });
}

describe('POST /v1/responses', () => {
  it("answers in OpenAI's form", async () => {
    const response = await createTestApi().post(path, { ...body, instructions: 'Be brief.', metadata: { a: 'b' } });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    const answer = responseSchema.parse(await response.json());
    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      store: false,
      error: null,
      incomplete_details: null,
      usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10, input_tokens_details: { cached_tokens: 2 } },
    });
    expect(answer.id).toMatch(/^resp_/);
    expect(answer.output).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hello there', annotations: [], logprobs: [] }],
      },
    ]);
  });

  it('streams typed events, numbered in order, that end with the whole response', async () => {
    const events = await stream(createTestApi());
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    const last = events.at(-1);
    expect(last?.type === 'response.completed' && last.response.output).toMatchObject([
      { type: 'message', status: 'completed', content: [{ text: 'Hello there' }] },
    ]);
  });

  it('streams a function call as an item of its own', async () => {
    const api = createTestApi();
    api.state.script = callWeather;
    const events = await stream(api, { tools: [{ type: 'function', name: 'get_weather' }] });
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('gives an answer without text its empty message', async () => {
    const api = createTestApi();
    api.state.script = say();
    const events = await stream(api);
    const last = events.at(-1);
    expect(last?.type === 'response.completed' && last.response.output).toMatchObject([{ content: [{ text: '' }] }]);
  });

  it('is incomplete when it was cut off', async () => {
    const api = createTestApi();
    api.state.script = ending('length', 'Hel');
    const cut = { status: 'incomplete', completed_at: null, incomplete_details: { reason: 'max_output_tokens' } };
    expect(await (await api.post(path, body)).json()).toMatchObject({ ...cut, output: [{ status: 'incomplete' }] });
    expect((await stream(api)).at(-1)).toMatchObject({ type: 'response.incomplete', response: cut });
  });

  it('gives log-probabilities to those who ask', async () => {
    const api = createTestApi();
    api.state.script = sayWithLogprobs('Hi');
    const events = await stream(api, { include: ['message.output_text.logprobs'] });
    const delta = events.find(({ type }) => type === 'response.output_text.delta');
    expect(delta).toMatchObject({ delta: 'Hi', logprobs: [{ token: 'Hi' }] });
  });

  it('tells a failure as an error and a failed response', async () => {
    const api = createTestApi();
    api.state.script = breakAfter(new ScarmonitError('engine_failure', 'It crashed.'), 'Hel');
    const [error, failed] = (await stream(api)).slice(-2);
    expect(error).toMatchObject({ type: 'error', code: 'engine_failure', message: 'It crashed.', param: null });
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'engine_failure', message: 'It crashed.' } },
    });
  });

  it('reads a conversation of items', async () => {
    const api = createTestApi();
    await api.post(path, {
      ...body,
      input: [
        { role: 'user', content: 'a' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'b' },
            { type: 'input_text', text: 'c' },
          ],
        },
        { type: 'reasoning', summary: [] },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'd', annotations: [] }],
        },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"x":1}' },
        { type: 'function_call', call_id: 'c2', name: 'g', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'one' },
      ],
      text: { format: { type: 'json_schema', name: 'x', schema: { type: 'object' } } },
      max_output_tokens: 9,
      parallel_tool_calls: false,
    });
    expect(api.state.calls[0]?.request).toMatchObject({
      maxTokens: 9,
      parallelToolCalls: false,
      format: { type: 'json_schema', schema: { type: 'object' } },
      input: {
        kind: 'messages',
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'bc' },
          {
            role: 'assistant',
            content: 'd',
            toolCalls: [
              { id: 'c1', name: 'f', arguments: '{"x":1}' },
              { id: 'c2', name: 'g', arguments: '{}' },
            ],
          },
          { role: 'tool', content: 'one', toolCallId: 'c1' },
        ],
      },
    });
  });

  it('refuses tools so deep that repeating them would overflow', async () => {
    const depth = 100_000;
    const tool = `{"type":"function","name":"f","extra":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const response = await createTestApi().post(path, `{"model":"chat-model","input":"Hi","tools":[${tool}]}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'tools', code: 'invalid_value' } });
  });

  it.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id', 'unsupported'],
    [{ conversation: 'conv_1' }, 'conversation', 'unsupported'],
    [{ background: true }, 'background', 'unsupported'],
    [{ prompt: { id: 'p' } }, 'prompt', 'unsupported'],
    [{ truncation: 'auto' }, 'truncation', 'unsupported'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'unsupported'],
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input[0].type', 'unsupported'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0].type', 'unsupported'],
    [{ input: [{ content: 'a' }] }, 'input[0].role', 'missing_required_parameter'],
    [{ input: [{ type: 'function_call_output', output: 'a' }] }, 'input[0].call_id', 'missing_required_parameter'],
    [{ input: undefined }, 'input', 'missing_required_parameter'],
    [{ text: { format: { type: 'json_schema', name: 'x' } } }, 'text.format.schema', 'missing_required_parameter'],
  ])('refuses %j, naming %s', async (fields, param, code) => {
    const response = await createTestApi().post(path, { ...body, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, code } });
  });
});
