import { describe, expect, it } from 'vitest';
import { cosine, costOf, tokensPerSecond } from './measure-answer.ts';
import { writeCurl, writeOpenAiClient } from './write-call.ts';

const answer = { text: '', isDone: true, firstTokenMs: 200, totalMs: 1200, inputTokens: 1000, outputTokens: 21 };
const prices = { perRequestUsd: 0.001, inputPerMillionTokensUsd: 1, outputPerMillionTokensUsd: 10, perSecondUsd: 0.01 };

describe('an answer', () => {
  it('is as fast as its tokens after the first', () => {
    expect(tokensPerSecond(answer)).toBe(20);
    expect(tokensPerSecond({ ...answer, outputTokens: 1 })).toBeUndefined();
    expect(tokensPerSecond({ text: '', isDone: false, firstTokenMs: 200 })).toBeUndefined();
  });

  it('costs its request, its tokens and its seconds', () => {
    expect(costOf(answer, prices)).toBeCloseTo(0.001 + 0.001 + 0.00021 + 0.012, 9);
    expect(costOf({ text: '', isDone: false }, prices)).toBeUndefined();
  });
});

describe('the cosine', () => {
  it('is 1 of the same direction, 0 of another, -1 of the opposite, and 0 of nothing', () => {
    expect([cosine([1, 2], [2, 4]), cosine([1, 0], [0, 3]), cosine([1, 1], [-1, -1]), cosine([0, 0], [1, 1])]).toEqual([
      expect.closeTo(1, 9),
      0,
      expect.closeTo(-1, 9),
      0,
    ]);
  });
});

describe('a call to copy', () => {
  const call = {
    origin: 'http://127.0.0.1:8787',
    path: '/v1/chat/completions',
    version: '1.2.0',
    body: { model: 'support-chat', messages: [{ role: 'user', content: "It's late" }] },
  };

  it('holds no key, and survives a shell whatever was typed', () => {
    expect(writeCurl(call)).toBe(
      [
        'curl http://127.0.0.1:8787/v1/chat/completions \\',
        '  -H "authorization: Bearer $SCARMONIT_API_KEY" \\',
        '  -H "content-type: application/json" \\',
        '  -H "x-model-version: 1.2.0" \\',
        `  -d '{"model":"support-chat","messages":[{"role":"user","content":"It'\\''s late"}]}'`,
      ].join('\n'),
    );
  });

  it('asks the official client for the same version and a stream', () => {
    const code = writeOpenAiClient(call);
    expect(code).toContain("baseURL: 'http://127.0.0.1:8787/v1', apiKey: process.env.SCARMONIT_API_KEY");
    expect(code).toContain('"stream": true');
    expect(code).toContain("{ headers: { 'x-model-version': '1.2.0' } }");
  });
});
