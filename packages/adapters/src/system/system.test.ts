import { describe, expect, it } from 'vitest';
import { createNodeHash } from './node-hash.ts';
import { createSystemClock } from './system-clock.ts';
import { createSystemIds } from './system-ids.ts';

describe('system ids', () => {
  it('are UUIDs of version 7 without dashes that carry the time', () => {
    const id = createSystemIds(() => 0x0123_4567_89ab).next();
    expect(id).toMatch(/^0123456789ab7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('sort in the order in which they were made, within a millisecond and when the clock goes back', () => {
    let now = 1_700_000_000_000;
    const ids = createSystemIds(() => now);
    const made: string[] = [];
    for (let number = 0; number < 30_000; number += 1) {
      if (number === 20_000) now -= 5_000;
      made.push(ids.next());
    }
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
  });

  it('have random ends that differ between processes started in the same millisecond', () => {
    const [left, right] = [createSystemIds(() => 1), createSystemIds(() => 1)];
    expect(left.next().slice(16)).not.toBe(right.next().slice(16));
  });

  it('give as many random bytes as asked for', () => {
    const bytes = createSystemIds().randomBytes(32);
    expect(bytes).toHaveLength(32);
    expect(new Set(bytes).size).toBeGreaterThan(8);
  });
});

describe('system clock', () => {
  it('tells wall time in milliseconds and a monotonic time that does not go back', () => {
    const clock = createSystemClock();
    const before = clock.monotonicMs();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  it('runs what is scheduled, unless it was cancelled', async () => {
    const clock = createSystemClock();
    const ran: string[] = [];
    const cancel = clock.schedule(0, () => ran.push('cancelled'));
    cancel();
    const keepAlive = setTimeout(() => undefined, 5_000);
    await new Promise<void>((resolve) => {
      clock.schedule(1, () => {
        ran.push('scheduled');
        resolve();
      });
    });
    clearTimeout(keepAlive);
    expect(ran).toEqual(['scheduled']);
  });
});

describe('node hash', () => {
  it('is SHA-256 of UTF-8 in lower-case hex (FIPS 180-4 example)', () => {
    const { sha256Hex } = createNodeHash();
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });
});
