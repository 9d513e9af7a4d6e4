import { describe, expect, it } from 'vitest';
import { createSampler } from './sampler.ts';

const parent = (isSampled: boolean) => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled });
const ids = Array.from({ length: 4_000 }, (_, number) => {
  // A spread over the last 52 bits, as random ids have it.
  const share = ((number * 0.618_033_988_749) % 1) * 16 ** 13;
  return Math.floor(share).toString(16).padStart(32, '0');
});

describe('a sampler', () => {
  it('records the share that it is told', () => {
    const sample = createSampler('traceidratio', 0.25);
    expect(ids.filter((id) => sample(id, undefined)).length / ids.length).toBeCloseTo(0.25, 2);
  });

  it('records at a higher share what it records at a lower one', () => {
    const few = createSampler('traceidratio', 0.1);
    const many = createSampler('traceidratio', 0.6);
    for (const id of ids.filter((each) => few(each, undefined))) expect(many(id, undefined)).toBe(true);
  });

  it.each([
    ['traceidratio', 0, 0],
    ['traceidratio', 1, 4_000],
    ['always_on', 0, 4_000],
    ['always_off', 1, 0],
  ] as const)('%s with %d records %d of 4,000', (name, ratio, expected) => {
    const sample = createSampler(name, ratio);
    expect(ids.filter((id) => sample(id, undefined)).length).toBe(expected);
  });

  it('follows the one before only where it is based on it', () => {
    expect(createSampler('parentbased_always_off', 1)('1', parent(true))).toBe(true);
    expect(createSampler('parentbased_always_on', 1)('1', parent(false))).toBe(false);
    expect(createSampler('always_on', 1)('1', parent(false))).toBe(true);
    expect(createSampler('always_off', 1)('1', parent(true))).toBe(false);
  });
});
