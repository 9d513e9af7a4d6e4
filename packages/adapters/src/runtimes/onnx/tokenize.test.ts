import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenize.ts';

const special = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** Words `a` to `e`, between `[CLS]` and `[SEP]` as BERT has them. */
const tokenizerJson = {
  version: '1.0',
  truncation: null,
  padding: { pad_id: 3 },
  added_tokens: [special(0, '[UNK]'), special(1, '[CLS]'), special(2, '[SEP]'), special(3, '[PAD]')],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, '[PAD]': 3, a: 4, b: 5, c: 6, d: 7, e: 8 },
  },
};
const strict = createTokenizer(tokenizerJson, { maxTokens: 5, truncate: false });
const lenient = createTokenizer(tokenizerJson, { maxTokens: 5, truncate: true });

describe('tokenizing a text', () => {
  it('puts the special tokens around it', () => {
    expect(strict.encode('a b', 'input')).toEqual([1, 4, 5, 2]);
    expect(strict.padId).toBe(3);
  });

  it.each(['', '   ', '\n'])('refuses one without tokens: %j', (text) => {
    expect(() => strict.encode(text, 'input[3]')).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param: 'input[3]' }),
    );
  });

  it('refuses one that is too long, with the limit and the count', () => {
    expect(() => strict.encode('a b c d', 'input')).toThrow(
      expect.objectContaining({
        kind: 'context_length_exceeded',
        param: 'input',
        message: "This model reads at most 5 tokens, but 'input' has 6. Shorten it.",
      }),
    );
  });

  it('cuts one that is too long when the version says so, and keeps the closing token', () => {
    expect(lenient.encode('a b c d e', 'input')).toEqual([1, 4, 5, 6, 2]);
  });

  it('refuses megabytes by their beginning', () => {
    const startedAt = performance.now();
    expect(() => strict.encode('a b '.repeat(500_000), 'input')).toThrow(/has more than \d+/u);
    expect(() => strict.encode('x'.repeat(2_000_000), 'input')).toThrow('has 2000000 characters');
    expect(lenient.encode('a b '.repeat(500_000), 'input')).toHaveLength(5);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('token ids of a client', () => {
  it('are taken as content, or as a whole when the special tokens are there', () => {
    expect(strict.accept([4, 5], 'input')).toEqual([1, 4, 5, 2]);
    expect(strict.accept([1, 4, 5, 2], 'input')).toEqual([1, 4, 5, 2]);
  });

  it.each([[[9]], [[-1]], [[1.5]]])('must be in the vocabulary: %j', (ids) => {
    expect(() => strict.accept(ids, 'input')).toThrow(
      expect.objectContaining({ kind: 'invalid_request', message: expect.stringContaining('0 to 8') }),
    );
  });

  it('must not be empty nor too many', () => {
    expect(() => strict.accept([], 'input')).toThrow(expect.objectContaining({ kind: 'invalid_request' }));
    expect(() => strict.accept([4, 4, 4, 4], 'input')).toThrow(
      expect.objectContaining({ kind: 'context_length_exceeded' }),
    );
  });
});
