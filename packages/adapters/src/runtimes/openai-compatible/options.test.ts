import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the options of an upstream', () => {
  it('have defaults, also within breaker', () => {
    expect(parseOptions({ retries: 0, breaker: { failures: 9 } })).toEqual({
      connectTimeoutMs: 5_000,
      firstByteTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      retries: 0,
      longestRetryWaitMs: 2_000,
      breaker: { failures: 9, windowMs: 30_000, coolDownMs: 5_000 },
      maxInFlight: 1_024,
    });
  });

  it.each([
    [{ timeout: 5 }, "The option 'timeout' is not known; runtime openai-compatible knows connectTimeoutMs,"],
    [{ breaker: { window: 5 } }, "The option 'breaker.window' is not known;"],
    [{ breaker: 5 }, "The option 'breaker' must be a mapping"],
    [{ retries: 1.5 }, "The option 'retries' must be a whole number from 0 to 10."],
    [{ idleTimeoutMs: '5s' }, "The option 'idleTimeoutMs' must be a whole number"],
  ])('refuse %j', (options, message) => {
    expect(() => parseOptions(options)).toThrow(message);
  });
});
