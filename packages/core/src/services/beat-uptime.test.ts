import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import type { Deployments } from '../deployments/deployments.ts';
import type { UptimeSpan } from '../ports/metrics-repository.ts';
import { beatOnce, startHeartbeat } from './beat-uptime.ts';

const beatEveryMs = 10_000;

/** A model whose stable version has a state, and a store of heartbeats that may be away. */
function open() {
  const clock = createFakeClock(0);
  const stable = { state: 'ready' };
  const model = { spec: { name: 'chat' }, traffic: { stable: '1.0.0' }, versions: new Map([['1.0.0', stable]]) };
  const deployments = { list: () => [model] } as unknown as Pick<Deployments, 'list'>;
  const spans = new Map<string, UptimeSpan>();
  const errors: unknown[] = [];
  let isAway = false;
  const repository = {
    beat: async (_projectId: string, source: string, said: readonly UptimeSpan[]) => {
      if (isAway) throw new Error('The store is away.');
      for (const span of said) spans.set(`${source} ${span.startedAt}`, span);
    },
    list: async (_projectId: string, since: number) => [...spans.values()].filter(({ lastAt }) => lastAt >= since),
  };
  const parts = { deployments, repository, projectId: 'default', source: 'a', beatEveryMs };
  return {
    clock,
    parts: { ...parts, clock, onError: (error: unknown) => errors.push(error) },
    errors,
    become: (state: string): void => {
      stable.state = state;
    },
    setAway: (away: boolean): void => {
      isAway = away;
    },
    stretches: () => [...spans.values()].map(({ startedAt, lastAt }) => [startedAt / 1_000, lastAt / 1_000]),
  };
}

describe('the heartbeat of a process', () => {
  it('says one stretch while the stable version is ready, and another after a gap', async () => {
    const { clock, parts, become, stretches } = open();
    const heartbeat = startHeartbeat(parts);
    await heartbeat.beat();
    await clock.advance(60_000);
    expect(stretches()).toEqual([[0, 60]]);
    become('restarting');
    await clock.advance(40_000);
    become('ready');
    await heartbeat.beat();
    await clock.advance(20_000);
    expect(stretches()).toEqual([
      [0, 60],
      [100, 120],
    ]);
  });

  it('makes good what could not be written', async () => {
    const { clock, parts, setAway, stretches, errors } = open();
    await startHeartbeat(parts).beat();
    setAway(true);
    await clock.advance(50_000);
    setAway(false);
    await clock.advance(10_000);
    expect(errors).toHaveLength(5);
    expect(stretches()).toEqual([[0, 60]]);
  });

  it('counts a process that stood still as down, such as one of a machine that slept', async () => {
    const { clock, parts, stretches } = open();
    const heartbeat = startHeartbeat({ ...parts, clock: { now: clock.now, schedule: () => () => undefined } });
    await heartbeat.beat();
    await clock.advance(26_000);
    await heartbeat.beat();
    expect(stretches()).toEqual([
      [0, 0],
      [26, 26],
    ]);
  });

  it('speaks a last time when it is closed, and no more', async () => {
    const { clock, parts, stretches } = open();
    const heartbeat = startHeartbeat(parts);
    await heartbeat.beat();
    await clock.advance(13_000);
    await heartbeat.close();
    await clock.advance(60_000);
    expect(stretches()).toEqual([[0, 13]]);
  });
});

describe('one heartbeat of a host that remembers nothing', () => {
  it('goes on with the stretch in the store, unless there was a gap', async () => {
    const { parts, become, stretches } = open();
    for (const at of [0, 10_000, 30_000]) await beatOnce(parts, at);
    become('failed');
    await beatOnce(parts, 40_000);
    become('ready');
    await beatOnce(parts, 60_000);
    expect(stretches()).toEqual([
      [0, 30],
      [60, 60],
    ]);
  });
});
