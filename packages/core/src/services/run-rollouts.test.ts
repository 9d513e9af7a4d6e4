import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, createRolloutWorld } from '../../test/rollout-world.ts';

const minuteMs = 60_000;
const settings = { steps: [10, 50], minBakeMinutes: 5, deadlineHours: 3 };
const oneIn = (every: number, request: number, end: ReturnType<Answer>): ReturnType<Answer> =>
  request % every === 0 ? end : {};
const error = { outcome: 'error' } as const;

interface Weather {
  readonly answer: Answer;
  readonly requestsPerRound: number;
  readonly crashes?: boolean;
}

const weathers: readonly (readonly [name: string, weather: Weather, ends: readonly string[]])[] = [
  [
    'healthy',
    { requestsPerRound: 1_000, answer: (request) => oneIn(400, request, error) },
    ['canary', 'bake', 'active'],
  ],
  [
    'five in a hundred fail',
    { requestsPerRound: 1_000, answer: (request, arm) => oneIn(arm === 'stable' ? 400 : 20, request, error) },
    ['canary', 'rolled-back'],
  ],
  [
    'latency doubled',
    { requestsPerRound: 1_000, answer: (_, arm) => ({ latencyMs: arm === 'stable' ? 400 : 800 }) },
    ['canary', 'rolled-back'],
  ],
  ['the engine crashes', { requestsPerRound: 100, answer: () => ({}), crashes: true }, ['canary', 'rolled-back']],
  ['no traffic', { requestsPerRound: 0, answer: () => ({}) }, ['canary', 'held']],
  [
    'a shared outage that passes',
    {
      requestsPerRound: 1_000,
      answer: (request, _, elapsed) =>
        oneIn(elapsed > 3 * minuteMs && elapsed < 9 * minuteMs ? 3 : 400, request, error),
    },
    ['canary', 'frozen', 'canary', 'bake', 'active'],
  ],
];

/** Runs a rollout to its end, a round a minute; after a death another process goes on. @returns the phases, each once */
async function drive(weather: Weather, death?: { readonly call: number; readonly before: boolean }) {
  const world = await createRolloutWorld(settings);
  let process = await world.start();
  await process.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, by: 'test', reason: '' });
  if (death !== undefined) world.dieAt(death.call, death.before);
  let deaths = 0;
  for (let minute = 0; minute < 200; minute += 1) {
    process.serve(weather.requestsPerRound, weather.answer);
    if (weather.crashes === true) process.counters.countCrash('chat', '1.1.0');
    await process.round();
    if (!process.isAlive()) {
      deaths += 1;
      world.forgetLease();
      process = await world.start();
    }
    await world.clock.advance(minuteMs);
    const phase = (await world.states()).at(-1)?.phase ?? '';
    if (['active', 'rolled-back', 'held'].includes(phase)) break;
  }
  const states = await world.states();
  const phases = states.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
  const { traffic, receipts } = world.store.written;
  const { notified } = world;
  return { deaths, notified, phases, states, traffic, receipts, inForce: process.deployments.find('chat')?.traffic };
}

const isGapless = (numbers: readonly number[]): boolean => numbers.every((number, index) => number === index + 1);

describe('a rollout', () => {
  it.each(weathers)('goes its way: %s', async (_, weather, ends) => {
    const { phases, inForce, traffic } = await drive(weather);
    expect(phases).toEqual(['draft', 'validated', ...ends]);
    expect(inForce).toEqual(traffic.at(-1));
    const end = ends.at(-1);
    expect(inForce?.stable).toBe(end === 'active' ? '1.1.0' : '1.0.0');
    if (end === 'rolled-back') expect(inForce).not.toHaveProperty('candidate');
  });

  it('tells of a long outage once, and goes on looking at it', async () => {
    const { states, notified } = await drive(weathers[5]?.[1] as Weather);
    expect(states.filter(({ phase }) => phase === 'frozen').length).toBeGreaterThan(3);
    expect(notified).toEqual(
      ['draft', 'validated', 'canary', 'frozen', 'canary', 'canary', 'bake', 'active'].map(
        (phase) => `rollout.${phase}`,
      ),
    );
  });

  it('passes every step on its way', async () => {
    const { traffic } = await drive(weathers[0]?.[1] as Weather);
    expect(traffic.map(({ weight }) => weight)).toEqual([0, 0, 0.1, 0.5, 1, 0]);
  });

  it.each(weathers)('comes to the same end whenever its process dies: %s', async (_, weather, ends) => {
    let died = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.boolean(), async (call, before) => {
        const { deaths, phases, states, traffic, receipts } = await drive(weather, { call, before });
        died += deaths;
        expect(phases.at(-1)).toBe(ends.at(-1));
        expect(isGapless(states.map(({ revision }) => revision))).toBe(true);
        expect(isGapless(traffic.map(({ revision }) => revision))).toBe(true);
        expect(isGapless(receipts.map(({ sequence }) => sequence))).toBe(true);
      }),
      { numRuns: 15, seed: 5 },
    );
    expect(died).toBeGreaterThan(0);
  });

  it('is stopped within two seconds of the request that decides', async () => {
    const world = await createRolloutWorld(settings);
    const process = await world.start();
    await process.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, by: 'test', reason: '' });
    process.runner.wake();
    await world.clock.advance(5_000);
    expect(process.deployments.find('chat')?.traffic.weight).toBe(0.1);
    process.serve(3_000, (request, arm) => oneIn(arm === 'stable' ? 400 : 4, request, error));
    await world.clock.advance(2_000);
    expect(process.deployments.find('chat')?.traffic).toMatchObject({ stable: '1.0.0', weight: 0 });
    expect((await world.states()).at(-1)?.phase).toBe('rolled-back');
    await process.runner.close();
  });

  it('has each revision written once by two controllers that both believe to lead', async () => {
    const world = await createRolloutWorld(settings);
    world.leaseToAll();
    const processes = [await world.start(), await world.start()];
    await processes[0]?.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, by: 'test', reason: '' });
    for (let minute = 0; minute < 60; minute += 1) {
      for (const process of processes) process.serve(500, weathers[0]?.[1].answer as Answer);
      await Promise.all(processes.map((process) => process.round()));
      await world.clock.advance(minuteMs);
    }
    const states = await world.states();
    expect(states.at(-1)?.phase).toBe('active');
    expect(isGapless(states.map(({ revision }) => revision))).toBe(true);
    expect(isGapless(world.store.written.traffic.map(({ revision }) => revision))).toBe(true);
    expect(isGapless(world.store.written.receipts.map(({ sequence }) => sequence))).toBe(true);
  });
});
