import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('options of runtime workers-ai', () => {
  it('have defaults', () => {
    expect(parseOptions({}, 'chat')).toEqual({
      connectTimeoutMs: 5_000,
      firstByteTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      maxInFlight: 1_024,
      rejectIfBusy: false,
      gateway: undefined,
      pooling: undefined,
    });
  });

  it('are taken as they are given', () => {
    const given = { rejectIfBusy: true, gateway: { id: 'edge-1', skipCache: false, cacheTtl: 3_600 }, pooling: 'cls' };
    expect(parseOptions(given, 'embedding')).toMatchObject(given);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ rejectIfBsy: true }, "The option 'rejectIfBsy' is not known; did you mean rejectIfBusy?"],
    [{ gateway: { ids: 'a' } }, "The option 'gateway.ids' is not known; did you mean id?"],
    [{ rejectIfBusy: 'yes' }, "The option 'rejectIfBusy' must be true or false."],
    [{ gateway: 'edge' }, "The option 'gateway' must be a mapping, such as { id: my-gateway, cacheTtl: 3600 }."],
    [
      { gateway: { id: 'a\r\nb: c' } },
      "The option 'gateway.id' must be the name of an AI Gateway: up to 64 letters, digits, dashes and underscores.",
    ],
    [{ gateway: { id: 'a', cacheTtl: -1 } }, "The option 'gateway.cacheTtl' must be a whole number from 0 to 2592000."],
    [{ idleTimeoutMs: 0 }, "The option 'idleTimeoutMs' must be a whole number from 1 to 3600000."],
    [{ pooling: 'mean' }, "The option 'pooling' is for embeddings alone."],
  ])('explain %j', (options, message) => {
    expect(() => parseOptions(options, 'chat')).toThrow(message);
  });

  it('know two ways of pooling', () => {
    expect(() => parseOptions({ pooling: 'max' }, 'embedding')).toThrow('must be mean or cls');
  });
});
