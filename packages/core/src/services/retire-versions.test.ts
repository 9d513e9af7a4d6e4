import { describe, expect, it, vi } from 'vitest';
import { createRolloutWorld } from '../../test/rollout-world.ts';
import { followOpenRollouts } from './run-rollouts.ts';

const minuteMs = 60_000;
const by = { by: 'sk-ada', reason: '' };

/** A process whose manifest declares 1.0.0 alone, with a rollout to the registered 1.1.0 at its first step. */
async function begin(declared: readonly string[] = ['1.0.0']) {
  const world = await createRolloutWorld({ steps: [50], minBakeMinutes: 5, retentionMinutes: 60 }, declared);
  const process = await world.start();
  await process.round();
  expect(await process.versions.ensureLive('chat', '1.1.0')).toBe(true);
  const { rollout } = await process.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, ...by });
  await process.round();
  expect(process.deployments.find('chat')?.traffic).toMatchObject({ candidate: '1.1.0', weight: 0.5 });
  const promote = async (): Promise<void> => {
    await process.service.command(rollout.id, 'promote', by);
    await process.service.command(rollout.id, 'promote', by);
    expect(process.deployments.find('chat')?.traffic).toMatchObject({ stable: '1.1.0', weight: 0 });
  };
  return { world, process, id: rollout.id, promote };
}

describe('versions that the manifest does not declare', () => {
  it.each(['rollback', 'abort'] as const)('are unloaded at once after a %s', async (command) => {
    const { process, id } = await begin();
    await process.service.command(id, command, by);
    await process.round();
    expect(process.live()).toEqual({ '1.0.0': 'ready' });
    await process.ports.undeclared?.drained();
    expect(process.runtime.log).toEqual(['load chat@1.0.0', 'load chat@1.1.0', 'unload chat@1.1.0']);
  });

  it('stay for the retention time after a promotion, through manifests and restarts, and not longer', async () => {
    const { world, process, promote } = await begin();
    await promote();
    await process.declare(['1.1.0']);
    for (const elapsed of [1, 58]) {
      await world.clock.advance(elapsed * minuteMs);
      await process.round();
      expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    }

    const other = await world.start(['1.1.0']);
    expect(other.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    await world.clock.advance(minuteMs);
    for (const running of [process, other]) {
      await running.round();
      expect(running.live()).toEqual({ '1.1.0': 'ready' });
      await running.ports.undeclared?.drained();
      expect(running.runtime.log.at(-1)).toBe('unload chat@1.0.0');
    }
  });

  it('are looked for no longer once only stable is needed', async () => {
    const { world, process, id } = await begin();
    await process.service.command(id, 'abort', by);
    await process.round();
    const findRollout = vi.spyOn(world.store.rollouts, 'findRollout');
    await process.round();
    expect(findRollout).not.toHaveBeenCalled();
  });

  it('can be gone back to while they are warm, also after a restart', async () => {
    const { world, process, id, promote } = await begin();
    await promote();
    await process.declare(['1.1.0']);
    const other = await world.start(['1.1.0']);
    await other.service.command(id, 'rollback', by);
    await other.round();
    expect(other.deployments.find('chat')?.traffic).toMatchObject({ stable: '1.0.0', weight: 0 });
    expect(other.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    // What was stable before the roll-back is declared, and so it stays whatever the time.
    await world.clock.advance(24 * 60 * minuteMs);
    await other.round();
    expect(other.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
  });

  it('stay while their promotion is provisional', async () => {
    const { world, process, promote } = await begin();
    await promote();
    await process.declare(['1.1.0']);
    const newest = (await world.states()).at(-1) ?? never();
    const state = { ...newest, revision: newest.revision + 1, provisional: true };
    await world.store.rollouts.commit('default', { state, receipts: [] });
    await world.clock.advance(120 * minuteMs);
    await followOpenRollouts(process.ports);
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
  });

  it('become live in a process that runs already, before they get traffic there', async () => {
    const world = await createRolloutWorld({ steps: [50] }, ['1.0.0']);
    const [leader, other] = [await world.start(), await world.start()];
    await leader.versions.ensureLive('chat', '1.1.0');
    await leader.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, ...by });
    await leader.round();
    expect(other.live()).toEqual({ '1.0.0': 'ready' });
    const liveAtChange: (readonly string[])[] = [];
    const setTraffic = other.deployments.setTraffic.bind(other.deployments);
    vi.spyOn(other.deployments, 'setTraffic').mockImplementation((traffic) => {
      liveAtChange.push(Object.keys(other.live()));
      setTraffic(traffic);
    });
    await other.round();
    expect(liveAtChange[0]).toEqual(['1.0.0', '1.1.0']);
    expect(other.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    expect(other.deployments.find('chat')?.traffic).toMatchObject({ candidate: '1.1.0', weight: 0.5 });
  });

  it('are unloaded before their process ends', async () => {
    const { process, id } = await begin();
    const unloading = Promise.withResolvers<void>();
    const candidate = process.deployments.find('chat')?.versions.get('1.1.0') ?? never();
    const stop = candidate.stop.bind(candidate);
    vi.spyOn(candidate, 'stop').mockImplementation(() => unloading.promise.then(stop));
    await process.service.command(id, 'abort', by);
    await process.round();
    const ended = process.runner.close().then(() => 'ended');
    expect(await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, 'unloading'))])).toBe('unloading');
    unloading.resolve();
    await ended;
    expect(process.runtime.log.at(-1)).toBe('unload chat@1.1.0');
  });

  it('stay while a manifest is applied that was read while they were needed', async () => {
    const { world, process, promote } = await begin();
    await promote();
    await process.declare(['1.1.0']);
    const { load } = process.runtime;
    process.runtime.load = async (...wanted) => {
      await world.clock.advance(60 * minuteMs);
      await process.round();
      expect(Object.keys(process.live()).toSorted()).toEqual(['1.0.0', '1.1.0']);
      return load(...wanted);
    };
    await process.declare(['1.1.0', '1.2.0']);
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready', '1.2.0': 'ready' });
    await process.round();
    expect(process.live()).toEqual({ '1.1.0': 'ready', '1.2.0': 'ready' });
  });

  it('are not taken out for what was needed before the traffic changed', async () => {
    const { process } = await begin();
    process.ports.undeclared?.retire('chat', new Set(['1.0.0']));
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
  });

  it('are not taken out while somebody relies on them', async () => {
    const { world, process, id } = await begin();
    await process.service.command(id, 'abort', by);
    await process.deployments.keepAll(async () => {
      await process.round();
      expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
      await process.service.start({ model: 'chat', to: '1.1.0', plan: world.plan, ...by });
    });
    await process.round();
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
  });
});

it('versions that are deprecated are known as such in every process after its next round', async () => {
  const world = await createRolloutWorld({});
  const [one, other] = [await world.start(), await world.start()];
  await one.versions.deprecate('chat', '1.1.0', { deprecated: true, ...by });
  expect(one.deployments.findDeprecation('chat', '1.1.0')).toEqual({ since: 0 });
  expect(other.deployments.findDeprecation('chat', '1.1.0')).toBeUndefined();
  await other.round();
  expect(other.deployments.findDeprecation('chat', '1.1.0')).toEqual({ since: 0 });
});

describe('versions that the manifest declares', () => {
  it('stay loaded after every end', async () => {
    const { world, process, promote } = await begin(['1.0.0', '1.1.0']);
    await promote();
    await world.clock.advance(24 * 60 * minuteMs);
    await process.round();
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
  });
});

function never(): never {
  throw new Error('It is there.');
}
