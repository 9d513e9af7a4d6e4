import { describe, expect, it } from 'vitest';
import { cleanMessage } from './clean-message.ts';

describe('cleanMessage', () => {
  it.each([
    ['Incorrect API key provided: sk-proj-********abcd.', 'Incorrect API key provided: [hidden]'],
    ['Authorization was Bearer abc.def-123456', 'Authorization was Bearer [hidden]'],
    ['see https://platform.example.com/account?x=1, please', 'see [address] please'],
    ['connect to gpu-7.internal:8000 failed', 'connect to [hidden] failed'],
    ['the key hunter2 is wrong', 'the key [hidden] is wrong'],
    ["This model's maximum context length is 8192 tokens.", "This model's maximum context length is 8192 tokens."],
  ])('%s → %s', (message, clean) => {
    expect(cleanMessage(message, ['hunter2', 'gpu-7.internal:8000', ''])).toBe(clean);
  });

  it('cuts what is long', () => {
    expect(cleanMessage('x'.repeat(100_000), [])).toHaveLength(1_001);
  });
});
