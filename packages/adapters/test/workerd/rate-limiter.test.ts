import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { GRAIN_MS } from '@scarmonit/core/limits/usage-window';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { afterEach, describe, expect, it } from 'vitest';
import { createDurableObjectRateLimiter } from '../../src/cloudflare/durable-object/durable-object-rate-limiter.ts';
import type { RateLimiterObject } from '../../src/cloudflare/durable-object/rate-limiter-object.ts';
import { testRateLimiter } from '../contracts/rate-limiter.ts';
import { bindings } from './bindings.ts';

const { RATE_LIMITER: namespace } = bindings;

afterEach(() => reset());

const parts = {
  namespace,
  waitUntil: () => undefined,
  onError: (error: unknown) => {
    throw error;
  },
};

const objectOf = (keyId: string) => namespace.get(namespace.idFromName(keyId));

const setClock = (keyId: string, now: () => number) =>
  runInDurableObject(objectOf(keyId), (object: RateLimiterObject) => {
    object.now = now;
  });

testRateLimiter('Durable Object', { lateByMs: GRAIN_MS }, async (clock) => {
  for (const keyId of ['key', 'other']) await setClock(keyId, () => clock.now());
  return createDurableObjectRateLimiter(parts);
});

describe('the rate limiter object', () => {
  it('knows after a restart what was used before it', async () => {
    const clock = createFakeClock();
    await setClock('key', () => clock.now());
    const limiter = createDurableObjectRateLimiter(parts);
    const first = await limiter.reserve('key', { requestsPerMinute: 3, tokensPerMinute: 100 }, 60);
    first.settle(40);
    await evictDurableObject(objectOf('key'));
    await setClock('key', () => clock.now());
    const second = await limiter.reserve('key', { requestsPerMinute: 3, tokensPerMinute: 100 }, 10);
    expect(second).toMatchObject({ allowed: true, requests: { remaining: 1 }, tokens: { remaining: 50 } });
  });

  it('empties its storage once its window is empty', async () => {
    const clock = createFakeClock();
    await setClock('key', () => clock.now());
    const limiter = createDurableObjectRateLimiter(parts);
    await limiter.reserve('key', { requestsPerMinute: 3 }, 0);
    const countSlots = () =>
      runInDurableObject(objectOf('key'), async (object: RateLimiterObject, state) => {
        await object.alarm();
        return state.storage.sql.exec('select count(*) as slots from slots').one();
      });
    expect(await countSlots()).toEqual({ slots: 1 });
    await clock.advance(60_000);
    expect(await countSlots()).toEqual({ slots: 0 });
    expect((await limiter.reserve('key', { requestsPerMinute: 1 }, 0)).allowed).toBe(true);
  });

  it('lets requests pass when it cannot be asked, and says so', async () => {
    const errors: unknown[] = [];
    const broken = createDurableObjectRateLimiter({
      ...parts,
      namespace: {
        ...namespace,
        idFromName: (name: string) => namespace.idFromName(name),
        get: () => ({ take: () => Promise.reject(new Error('overloaded')) }) as never,
      } as unknown as typeof namespace,
      onError: (error) => errors.push(error),
    });
    expect((await broken.reserve('key', { requestsPerMinute: 1 }, 0)).allowed).toBe(true);
    expect(errors).toEqual([new Error('overloaded')]);
  });
});
