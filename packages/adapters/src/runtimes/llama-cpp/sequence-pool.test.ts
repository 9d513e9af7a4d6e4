import { describe, expect, it } from 'vitest';
import type { PooledSequence } from './sequence-pool.ts';
import { SequencePool } from './sequence-pool.ts';

class FakeSequence implements PooledSequence {
  readonly memory: readonly number[];
  readonly position: number;
  constructor(memory: readonly number[], position: number) {
    this.memory = memory;
    this.position = position;
  }
  sharedPrefixLength(tokens: readonly number[]): number {
    const end = this.memory.findIndex((token, index) => token !== tokens[index]);
    return end === -1 ? this.memory.length : end;
  }
}

const never = new AbortController().signal;

function setUp(memories: readonly (readonly number[])[], queueLimit = 2) {
  const clock = { now: 0 };
  const sequences = memories.map((memory, position) => new FakeSequence(memory, position));
  return { clock, sequences, pool: new SequencePool(sequences, queueLimit, () => clock.now) };
}

describe('SequencePool', () => {
  it('prefers the sequence that remembers most of the prompt', async () => {
    const { pool, sequences } = setUp([[1], [1, 2, 3], [1, 2]]);
    expect(await pool.acquire([1, 2, 3, 4], never)).toBe(sequences[1]);
    expect(await pool.acquire([1, 2, 3, 4], never)).toBe(sequences[2]);
  });

  it('takes the one that was idle longest when none remembers more', async () => {
    const { pool, sequences } = setUp([[7], [8]]);
    const first = await pool.acquire([1], never);
    expect(first).toBe(sequences[0]);
    pool.release(first);
    expect(await pool.acquire([1], never)).toBe(sequences[1]);
  });

  it('prefers neighbours of those that run to short memories', async () => {
    const { pool, sequences } = setUp([[5], [], [], [6]]);
    expect(await pool.acquire([6], never)).toBe(sequences[3]);
    expect(await pool.acquire([5], never)).toBe(sequences[2]);
  });

  it('serves those who wait in order', async () => {
    const { pool, sequences } = setUp([[]]);
    const running = await pool.acquire([1], never);
    const order: string[] = [];
    const second = pool.acquire([1], never).then((sequence) => {
      order.push('second');
      pool.release(sequence);
    });
    const third = pool.acquire([1], never).then(() => order.push('third'));
    expect([pool.running, pool.queued]).toEqual([1, 2]);
    pool.release(running);
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'third']);
    expect([pool.running, pool.queued]).toEqual([1, 0]);
    expect(sequences).toHaveLength(1);
  });

  it('refuses more than the queue holds and says when to come back', async () => {
    const { pool } = setUp([[]], 1);
    await pool.acquire([1], never);
    void pool.acquire([1], never);
    await expect(pool.acquire([1], never)).rejects.toMatchObject({ kind: 'overloaded', retryAfterMs: 2000 });
  });

  it('forgets those who leave the queue', async () => {
    const { pool } = setUp([[]], 1);
    await pool.acquire([1], never);
    const leaving = new AbortController();
    const waiting = pool.acquire([1], leaving.signal);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    expect(pool.queued).toBe(0);
  });

  it('is idle when nothing runs and nobody waits', async () => {
    const { pool } = setUp([[]]);
    await pool.idle();
    const sequence = await pool.acquire([1], never);
    let idle = false;
    const waiting = pool.idle().then(() => {
      idle = true;
    });
    await Promise.resolve();
    expect(idle).toBe(false);
    pool.release(sequence);
    await waiting;
    expect(idle).toBe(true);
  });
});
