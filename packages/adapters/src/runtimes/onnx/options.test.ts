import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('options of an onnx version', () => {
  it('have defaults', () => {
    expect(parseOptions({})).toEqual({
      threads: 1,
      maxBatch: 64,
      maxDelayMs: 2,
      queueLimit: 1_024,
      truncate: false,
      matryoshka: false,
    });
  });

  it('that are not known are refused with the known ones', () => {
    expect(() => parseOptions({ maxBatchSize: 8 })).toThrow(
      "The option 'maxBatchSize' is not known; runtime onnx knows threads, maxBatch, maxDelayMs,",
    );
  });

  it.each([
    ['threads', 0, 'must be a whole number from 1 to 256'],
    ['maxBatch', 1.5, 'must be a whole number from 1 to 1024'],
    ['maxDelayMs', '2', 'must be a number from 0 to 1000'],
    ['queueLimit', Number.NaN, 'must be a whole number'],
    ['truncate', 'yes', 'must be true or false'],
  ])('are checked: %s %s', (key, value, message) => {
    expect(() => parseOptions({ [key]: value })).toThrow(message);
  });
});
