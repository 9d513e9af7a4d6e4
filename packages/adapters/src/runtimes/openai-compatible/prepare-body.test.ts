import { describe, expect, it } from 'vitest';
import { prepareRequest } from './prepare-body.ts';

const bodyFor = (text: string): string => {
  const body = JSON.parse(text) as Record<string, unknown>;
  return prepareRequest({ endpoint: 'chat/completions', body, text, publicModel: 'ours' }, {}).bodyFor('theirs');
};

describe('the body for an upstream', () => {
  it("is the client's own text with another model", () => {
    expect(bodyFor('{ "model":"ours",  "x": 1.0 }')).toBe('{ "model":"theirs",  "x": 1.0 }');
  });

  it('asks for usage in a stream', () => {
    expect(bodyFor('{"model":"ours","stream":true}')).toBe(
      '{"stream_options":{"include_usage":true},"model":"theirs","stream":true}',
    );
  });

  it('keeps the other options of a stream', () => {
    const text = '{"model":"ours","stream":true,"stream_options":{"include_usage":false,"other":1}}';
    expect(JSON.parse(bodyFor(text))).toEqual({
      model: 'theirs',
      stream: true,
      stream_options: { include_usage: true, other: 1 },
    });
  });

  it.each([
    '{"model":"first","model":"ours"}',
    String.raw`{"mod\u0065l":"first","model":"ours"}`,
    String.raw`{"model":"first","mod\u0065l":"ours"}`,
  ])('names the model once, however often the client did: %s', (text) => {
    expect(bodyFor(text)).toBe('{"model":"theirs"}');
  });

  it('leaves other fields of the name alone', () => {
    const text = '{"metadata":{"model":"mine"},"model":"ours"}';
    expect(JSON.parse(bodyFor(text))).toEqual({ metadata: { model: 'mine' }, model: 'theirs' });
  });
});
