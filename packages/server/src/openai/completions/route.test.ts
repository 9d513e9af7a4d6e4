import { completionSchema } from '@scarmonit/protocol/openai/completion';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';
import { readEvents } from '../../../test/read-events.ts';
import { sayWithLogprobs } from '../../../test/scripted-events.ts';

const path = '/v1/completions';
const body = { model: 'chat-model', prompt: 'Once' };

describe('POST /v1/completions', () => {
  it("answers in OpenAI's form", async () => {
    const completion: unknown = await (await createTestApi({ newRequestId: () => 'req_1' }).post(path, body)).json();
    expect(completion).toMatchObject({
      id: 'cmpl-id1',
      object: 'text_completion',
      created: 1_790_000_000,
      model: 'chat-model',
      choices: [{ text: 'Hello there', index: 0, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
    expect(completionSchema.safeParse(completion).success).toBe(true);
  });

  it("streams in OpenAI's form, the prompt first where it is wanted", async () => {
    const wanted = { ...body, stream: true, echo: true, stream_options: { include_usage: true } };
    const events = readEvents(await (await createTestApi().post(path, wanted)).text()).map(({ data }) => data);
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((data) => completionSchema.parse(JSON.parse(data)));
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual(['Once', 'Hello', ' there', '', undefined]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, 'stop', undefined]);
    expect(chunks.map((chunk) => chunk.usage?.total_tokens)).toEqual([undefined, undefined, undefined, undefined, 10]);
  });

  it.each([
    ['Once', [{ kind: 'text', text: 'Once' }]],
    [
      ['a', 'b'],
      [
        { kind: 'text', text: 'a' },
        { kind: 'text', text: 'b' },
      ],
    ],
    [[1, 2], [{ kind: 'tokens', tokens: [1, 2] }]],
    [
      [[1], [2, 3]],
      [
        { kind: 'tokens', tokens: [1] },
        { kind: 'tokens', tokens: [2, 3] },
      ],
    ],
  ])('takes the prompt %j', async (prompt, inputs) => {
    const api = createTestApi();
    const completion = completionSchema.parse(await (await api.post(path, { ...body, prompt })).json());
    expect(api.state.calls.map(({ request }) => request)).toEqual(
      inputs.map((input) => expect.objectContaining({ input })),
    );
    expect(completion.choices.map(({ index }) => index)).toEqual(inputs.map((_, index) => index));
    expect(api.state.settled).toEqual([10 * inputs.length]);
  });

  it('gives log-probabilities in columns', async () => {
    const api = createTestApi();
    api.state.script = sayWithLogprobs('Hi', '!');
    const completion = completionSchema.parse(await (await api.post(path, { ...body, logprobs: 1 })).json());
    expect(completion.choices[0]?.logprobs).toEqual({
      tokens: ['Hi', '!'],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [{ Hi: -0.5 }, { '!': -0.5 }],
      text_offset: [0, 2],
    });
  });

  it.each([
    [{ prompt: undefined }, 'prompt', 'missing_required_parameter'],
    [{ prompt: [] }, 'prompt', 'empty_array'],
    [{ prompt: { a: 1 } }, 'prompt', 'invalid_type'],
    [{ n: 2 }, 'n', 'unsupported'],
    [{ best_of: 2 }, 'best_of', 'unsupported'],
    [{ suffix: 'end' }, 'suffix', 'unsupported'],
    [{ echo: true, logprobs: 1 }, 'echo', 'unsupported'],
    [{ echo: true, prompt: [1] }, 'echo', 'unsupported'],
    [{ stream: true, prompt: ['a', 'b'] }, 'prompt', 'unsupported'],
    [{ logprobs: 6 }, 'logprobs', 'integer_above_max_value'],
  ])('refuses %j, naming %s', async (fields, param, code) => {
    const response = await createTestApi().post(path, { ...body, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, code } });
  });
});
