import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

const broken = new ScarmonitError('engine_failure', 'It broke.', { code: 'upstream_error' });

function create() {
  const clock = createFakeClock();
  const breaker = new CircuitBreaker({ failures: 3, windowMs: 10_000, coolDownMs: 5_000 }, clock);
  const fail = (retryAfterMs?: number) => breaker.acquire().fail(broken, retryAfterMs);
  return { clock, breaker, fail, succeed: () => breaker.acquire().succeed() };
}

describe('CircuitBreaker', () => {
  it('opens after failures in a row, and remembers the last', () => {
    const { breaker, fail, succeed } = create();
    for (let turn = 0; turn < 10; turn++) succeed();
    fail();
    fail();
    expect(breaker.state).toBe('closed');
    fail();
    expect(breaker).toMatchObject({ state: 'open', isAvailable: false, opensInMs: 5_000 });
    expect(breaker.lastFailure?.error).toBe(broken);
  });

  it('opens when half of a window fails, though never in a row', () => {
    const { breaker, fail, succeed } = create();
    for (const turn of [succeed, fail, succeed, fail, succeed]) turn();
    expect(breaker.state).toBe('closed');
    fail();
    expect(breaker.state).toBe('open');
  });

  it('forgets what is older than its window', async () => {
    const { breaker, clock, fail, succeed } = create();
    for (const turn of [fail, fail, succeed]) turn();
    await clock.advance(11_000);
    for (const turn of [fail, succeed]) turn();
    expect(breaker.state).toBe('closed');
  });

  it('lets one request through when the cool-down is over, and closes when that succeeds', async () => {
    const { breaker, clock, fail } = create();
    for (let turn = 0; turn < 3; turn++) fail();
    await clock.advance(5_000);
    const probe = breaker.acquire();
    expect(breaker).toMatchObject({ state: 'half-open', isAvailable: false });
    probe.succeed();
    expect(breaker.state).toBe('closed');
    fail();
    expect(breaker.state).toBe('closed');
  });

  it('opens again when the probe fails, and lets another through when it came to nothing', async () => {
    const { breaker, clock, fail } = create();
    for (let turn = 0; turn < 3; turn++) fail();
    await clock.advance(5_000);
    breaker.acquire().release();
    expect(breaker.isAvailable).toBe(true);
    fail();
    expect(breaker).toMatchObject({ state: 'open', opensInMs: 5_000 });
  });

  it('closes when the probe begins a stream, and opens again when that stream breaks', async () => {
    const { breaker, clock, fail, succeed } = create();
    const probe = async () => {
      await clock.advance(5_000);
      const permit = breaker.acquire();
      permit.begin();
      expect(breaker.state).toBe('closed');
      return permit;
    };
    for (let turn = 0; turn < 3; turn++) fail();
    (await probe()).fail(broken);
    expect(breaker).toMatchObject({ state: 'open', opensInMs: 5_000 });
    (await probe()).succeed();
    for (const turn of [fail, fail, succeed]) turn();
    expect(breaker.state).toBe('closed');
  });

  it('takes the longer cool-down, whichever comes last', () => {
    const { breaker, fail } = create();
    const late = [breaker.acquire(), breaker.acquire()];
    fail();
    fail();
    fail(60_000);
    expect(breaker.opensInMs).toBe(60_000);
    late[0]?.fail(broken, 1_000);
    expect(breaker.opensInMs).toBe(60_000);
    late[1]?.fail(broken, 90_000);
    expect(breaker.opensInMs).toBe(90_000);
  });

  it('is not closed by a request from before it opened', () => {
    const { breaker, fail } = create();
    const late = breaker.acquire();
    for (let turn = 0; turn < 3; turn++) fail();
    late.succeed();
    expect(breaker.state).toBe('open');
  });
});
