import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';

const path = '/v1/embeddings';
const model = 'embed-model';

describe('POST /v1/embeddings', () => {
  it("answers in OpenAI's form", async () => {
    const response = await createTestApi().post(path, { model, input: 'a', dimensions: 2 });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    expect(await response.json()).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [...Float32Array.of(0.6, -0.8)] }],
      model,
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
  });

  it.each([
    ['a', { kind: 'texts', texts: ['a'] }],
    [['a', 'b'], { kind: 'texts', texts: ['a', 'b'] }],
    [[1, 2], { kind: 'tokens', tokens: [[1, 2]] }],
    [[[1], [2, 3]], { kind: 'tokens', tokens: [[1], [2, 3]] }],
  ])('takes the input %j', async (input, port) => {
    const api = createTestApi();
    await api.post(path, { model, input, dimensions: null });
    expect(api.state.calls[0]?.request).toEqual({ input: port });
    expect(api.state.settled).toEqual([5]);
  });
});
