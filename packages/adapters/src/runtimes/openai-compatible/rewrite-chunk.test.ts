import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replaceModel } from './replace-model.ts';
import { createChunkRewriter } from './rewrite-chunk.ts';

const ours = 'support "chat"';

describe('replaceModel', () => {
  it.each([
    ['{"id":"1","model":"gpt","x":"\\"model\\":\\"y\\""}', { id: '1', model: ours, x: '"model":"y"' }],
    ['{ "role": "model", "model" : "gpt" }', { role: 'model', model: ours }],
    ['{"model":""}', { model: ours }],
  ])('puts another name into %s', (json, expected) => {
    expect(JSON.parse(replaceModel(json, JSON.stringify(ours)) ?? '')).toEqual(expected);
  });

  it.each(['{"a":{"model":"x"},"model":"y"}', '{"model":null}', '{"model":"a\\"b"}', '{"id":1}', '{"model":"cut'])(
    'is not sure of %s',
    (json) => {
      expect(replaceModel(json, '"x"')).toBeUndefined();
    },
  );
});

describe('the chunk rewriter', () => {
  const chunk = (rest: string): string => `{"id":"1","model":"gpt","choices":[{"index":0,${rest}}`;

  it.each([
    ['"delta":{"content":"a"}}]', '"delta":{"content":"a"}}]'],
    ['"delta":{"content":"\\"model\\":\\"x\\""}}]', '"delta":{"content":"\\"model\\":\\"x\\""}}]'],
    ['"delta":{}}],"usage":null', '"delta":{}}]'],
  ])('changes the head of a later chunk and leaves %s', (rest, shown) => {
    const rewrite = createChunkRewriter({ publicModel: 'ours', showUsage: false, onIdentity: () => {} });
    for (const _ of [1, 2]) rewrite(chunk('"delta":{"content":""}}]'));
    expect(rewrite(chunk(rest))).toEqual({
      kind: 'chunk',
      chunk: { text: chunk(shown).replace('"gpt"', '"ours"') },
    });
  });

  it('looks at what follows a head that it knows', () => {
    const rewrite = createChunkRewriter({ publicModel: 'ours', showUsage: false, onIdentity: () => {} });
    for (const _ of [1, 2]) rewrite(chunk('"delta":{"content":""}}]'));
    expect(rewrite(chunk('"delta":{}}],"error":{"message":"no"}'))).toEqual({ kind: 'error' });
    expect(rewrite(chunk('"delta":{}}],"usage":{"prompt_tokens":1}'))).toMatchObject({
      chunk: { usage: { inputTokens: 1 } },
    });
    expect(rewrite(chunk('"delta":{}}]').slice(0, -1))).toEqual({ kind: 'malformed' });
  });

  const create = (showUsage: boolean) =>
    createChunkRewriter({ publicModel: ours, showUsage, onIdentity: () => undefined });
  const usage = { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } };

  it('gives what parsing and writing would give, for any chunk', () => {
    const chunk = fc.record(
      {
        id: fc.string(),
        model: fc.string(),
        usage: fc.constantFrom(null, usage),
        choices: fc.array(fc.record({ index: fc.nat(3), delta: fc.record({ content: fc.string() }) }), {
          minLength: 1,
        }),
        'model ': fc.jsonValue(),
        extra: fc.jsonValue(),
      },
      { requiredKeys: ['choices'] },
    );
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 4 }), fc.boolean(), (chunks, showUsage) => {
        const rewrite = create(showUsage);
        for (const given of chunks) {
          const result = rewrite(JSON.stringify(given));
          const text = result.kind === 'chunk' ? (result.chunk.text ?? '') : '';
          const { usage: seen, ...rest } = JSON.parse(text);
          const { usage: sent, ...wanted } = given;
          expect(rest).toEqual(JSON.parse(JSON.stringify({ ...wanted, model: ours })));
          expect(seen).toEqual(showUsage ? sent : undefined);
          expect(result).toMatchObject(
            sent ? { chunk: { usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 1 } } } : {},
          );
        }
      }),
    );
  });

  it.each([
    ['{"error":{"message":"no"}}', 'error'],
    ['{"object":"error","message":"no"}', 'error'],
    ['{"choices":[],"error":{"message":"no"}}', 'error'],
    ['{"choices":[],"error":null}', 'chunk'],
    ['{"choices":[', 'malformed'],
    ['[1]', 'malformed'],
    ['', 'malformed'],
  ])('takes %s for %s', (data, kind) => {
    const rewrite = create(true);
    rewrite('{"model":"x","choices":[]}');
    expect(rewrite(data).kind).toBe(kind);
  });
});
