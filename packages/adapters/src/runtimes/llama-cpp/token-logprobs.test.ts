import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { checkLogprobs, toTokenLogprob } from './token-logprobs.ts';

const bytesOf = (token: Token): Uint8Array => new TextEncoder().encode('abc'[token] ?? '?');

function softmax(logits: readonly number[]): Map<Token, number> {
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return new Map(logits.map((logit, token) => [token as Token, Math.exp(logit) / total]));
}

describe('toTokenLogprob', () => {
  it('undoes the temperature', () => {
    const logits = [3, 1, 0.5];
    const plain = softmax(logits);
    const result = toTokenLogprob(1 as Token, softmax(logits.map((logit) => logit / 0.5)), 0.5, 2, bytesOf);
    expect(result.token).toBe('b');
    expect(result.bytes).toEqual([98]);
    expect(result.logprob).toBeCloseTo(Math.log(plain.get(1 as Token) ?? 0), 6);
    expect(result.top.map((entry) => entry.token)).toEqual(['a', 'b']);
    expect(result.top[0]?.logprob).toBeCloseTo(Math.log(plain.get(0 as Token) ?? 0), 6);
  });

  it('gives a finite value for impossible tokens', () => {
    expect(toTokenLogprob(2 as Token, new Map([[0 as Token, 1]]), 0, 0, bytesOf).logprob).toBe(-9999);
  });
});

describe('checkLogprobs', () => {
  it('refuses what cannot be given exactly', () => {
    expect(() => checkLogprobs(5, 0.1)).toThrowError(expect.objectContaining({ kind: 'unsupported' }));
    expect(() => checkLogprobs(21, 0)).toThrowError(expect.objectContaining({ param: 'top_logprobs' }));
    expect(() => checkLogprobs(undefined, 0.1)).not.toThrow();
  });
});
