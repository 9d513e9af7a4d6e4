import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { createFakeRuntime } from '../../test/fake-runtime.ts';
import { createTestPorts, testManifest, testUpstream, testVersion } from '../../test/manifest.ts';
import { Deployments } from '../deployments/deployments.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';
import { createApplyManifest } from './apply-manifest.ts';

function start() {
  const clock = createFakeClock();
  const runtime = createFakeRuntime();
  const deployments = new Deployments();
  const ports = createTestPorts({ clock, runtime, deployments });
  const { apply } = createApplyManifest(ports);
  const state = (model: string, version: string) => deployments.find(model)?.versions.get(version)?.state;
  return { clock, runtime, deployments, ports, apply, state };
}

describe('applying a manifest', () => {
  it('loads what is declared', async () => {
    const { apply, state, ports } = start();
    const changes = await apply(testManifest({ chat: ['1.0.0', '1.1.0'] }), 'start');
    expect(changes.added).toEqual(['chat@1.0.0', 'chat@1.1.0']);
    expect(state('chat', '1.1.0')).toBe('ready');
    expect([...ports.registered.keys()]).toEqual(['chat@1.0.0', 'chat@1.1.0']);
  });

  it('dates a model by the first registration of one of its versions, restarts and new versions included', async () => {
    const { apply, deployments, ports, clock } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    const registeredAt = clock.now();
    await clock.advance(1_000);
    await apply(testManifest({ chat: ['1.1.0'], vectors: ['1.0.0'] }), 'change');
    expect(deployments.list().map(({ createdAt }) => createdAt)).toEqual([registeredAt, clock.now()]);
    await clock.advance(1_000);
    const restarted = new Deployments();
    await createApplyManifest({ ...ports, deployments: restarted }).apply(testManifest({ chat: ['1.1.0'] }), 'start');
    expect(restarted.find('chat')?.createdAt).toBe(registeredAt);
  });

  it('dates a model whose version has never loaded by its declaration', async () => {
    const { apply, deployments, runtime, clock } = start();
    runtime.failLoadsWith = 'no';
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    expect(deployments.find('chat')?.createdAt).toBe(clock.now());
  });

  it('keeps versions that came in and traffic that was set while it loaded', async () => {
    const { apply, deployments, ports, state } = start();
    await apply(testManifest({ chat: ['1.0.0', '1.1.0'] }), 'start');
    const traffic = deployments.find('chat')?.traffic;
    if (traffic === undefined) throw new Error('The model has traffic.');
    const arrived = new VersionSupervisor(testVersion('chat', '2.0.0'), ports.supervisor);
    const { onnx } = ports.supervisor.runtimes;
    if (onnx === undefined) throw new Error('There is a runtime.');
    const { load } = onnx;
    onnx.load = async (...wanted) => {
      deployments.addVersion(arrived);
      deployments.setTraffic({ ...traffic, revision: 2, candidate: '2.0.0', weight: 0.5 });
      expect(deployments.removeVersion('chat', '1.0.0')).toBeUndefined();
      return load(...wanted);
    };
    const { removed } = await apply(testManifest({ chat: ['1.0.0', '1.2.0'] }), 'change');
    expect(removed).toEqual(['chat@1.1.0']);
    expect([...(deployments.find('chat')?.versions.keys() ?? [])]).toEqual(['1.0.0', '1.2.0', '2.0.0']);
    expect(deployments.find('chat')?.traffic).toMatchObject({ revision: 2, candidate: '2.0.0', weight: 0.5 });
    expect(state('chat', '1.0.0')).toBe('ready');
  });

  it('is refused while nobody knows how to run the version that was promoted', async () => {
    const { apply, deployments, ports } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    const traffic = deployments.find('chat')?.traffic;
    if (traffic === undefined) throw new Error('The model has traffic.');
    const promoted = { ...traffic, revision: 2, stable: '2.0.0' };
    await ports.rollouts.commit('default', { traffic: promoted, receipts: [] });
    await expect(apply(testManifest({ chat: ['1.0.0'] }), 'change')).rejects.toMatchObject({
      code: 'version_not_declared',
      message: expect.stringContaining('Declare it in the manifest again.'),
    });
    expect(deployments.find('chat')?.traffic).toMatchObject({ stable: '1.0.0' });
  });

  it('loads the new stable version before it switches, and unloads the old one after', async () => {
    const { apply, deployments, runtime } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    const changes = await apply(testManifest({ chat: ['1.1.0'] }), 'change');
    expect(changes).toEqual({
      added: ['chat@1.1.0'],
      removed: ['chat@1.0.0'],
      switched: ['chat: 1.0.0 → 1.1.0'],
      rollouts: [],
      unchanged: [],
    });
    expect(deployments.find('chat')?.traffic.stable).toBe('1.1.0');
    expect(runtime.log).toEqual(['load chat@1.0.0', 'load chat@1.1.0', 'unload chat@1.0.0']);
  });

  it('changes nothing when the new stable version cannot be loaded', async () => {
    const { apply, deployments, runtime, state } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    runtime.failLoadsWith = 'the file is not a model';
    await expect(apply(testManifest({ chat: ['1.1.0'] }), 'change')).rejects.toThrow(
      /Nothing was changed.*not a model/,
    );
    expect(deployments.find('chat')?.traffic.stable).toBe('1.0.0');
    expect(state('chat', '1.0.0')).toBe('ready');
  });

  it('does not make a version stable that could not be loaded, also when it was declared before', async () => {
    const { apply, deployments, runtime } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    runtime.failLoadsWith = 'out of memory';
    await apply(testManifest({ chat: ['1.0.0', '1.1.0'] }), 'change');
    await expect(apply(testManifest({ chat: ['1.1.0', '1.0.0'] }), 'change')).rejects.toThrow(
      /not ready: out of memory/,
    );
    expect(deployments.find('chat')?.traffic.stable).toBe('1.0.0');
    runtime.failLoadsWith = undefined;
  });

  it('lets a version be corrected that never could be loaded', async () => {
    const { apply, state, runtime, ports } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    runtime.failLoadsWith = 'no such option';
    await apply(testManifest({ chat: ['1.0.0', testVersion('chat', '1.1.0', { options: { typo: 1 } })] }), 'change');
    expect([...ports.registered.keys()]).toEqual(['chat@1.0.0']);
    runtime.failLoadsWith = undefined;
    const changes = await apply(testManifest({ chat: ['1.0.0', '1.1.0'] }), 'change');
    expect(changes).toMatchObject({ added: ['chat@1.1.0'], removed: ['chat@1.1.0'] });
    expect(state('chat', '1.1.0')).toBe('ready');
  });

  it('fails a version that the store cannot register, and frees its engine', async () => {
    const { apply, state, runtime, ports } = start();
    ports.versions.register = async () => {
      throw new Error('the disk is full');
    };
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    expect(state('chat', '1.0.0')).toBe('failed');
    expect(runtime.log).toEqual(['load chat@1.0.0', 'unload chat@1.0.0']);
  });

  it('gives an engine up that is not ready after ten minutes', async () => {
    const { apply, state, runtime, clock } = start();
    const load = runtime.load;
    runtime.load = (_spec, _path, signal) =>
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('was stopped while loading'))),
      );
    const applied = apply(testManifest({ chat: ['1.0.0'] }), 'start');
    await clock.advance(600_000);
    await applied;
    expect(state('chat', '1.0.0')).toBe('failed');
    runtime.load = load;
    await clock.advance(5_000);
    expect(state('chat', '1.0.0')).toBe('ready');
  });

  it('refuses an edited version, says to register a new one, and lets prices change', async () => {
    const { apply, deployments } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    const edited = testVersion('chat', '1.0.0', { options: { threads: 8 } });
    await expect(apply(testManifest({ chat: [edited] }), 'change')).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('register it as a new version'),
    });
    const dearer = testVersion('chat', '1.0.0', {
      prices: { ...testVersion('chat', '1.0.0').prices, perRequestUsd: 1 },
    });
    expect((await apply(testManifest({ chat: [dearer] }), 'change')).unchanged).toEqual(['chat@1.0.0']);
    expect(deployments.find('chat')?.versions.get('1.0.0')?.spec.prices.perRequestUsd).toBe(1);
  });

  it('hands changed settings to a loaded upstream, and refuses the whole manifest when it cannot take them', async () => {
    const { apply, deployments, runtime } = start();
    const load = runtime.load;
    const taken: string[] = [];
    runtime.load = async (...args) => ({
      ...(await load(...args)),
      prepareUpdate: (spec) => {
        const key = ('targets' in spec && spec.targets[0]?.apiKey) || '';
        if (key === 'bad') throw new Error('the key is not there');
        return () => taken.push(key);
      },
    });
    const withKey = (apiKey: string) => {
      const upstream = testUpstream('chat', '1.0.0');
      return { ...upstream, targets: upstream.targets.map((target) => ({ ...target, apiKey })) };
    };
    await apply(testManifest({ chat: [withKey('first')] }), 'start');
    await apply(testManifest({ chat: [withKey('second')] }), 'change');
    expect(taken).toEqual(['second']);
    await expect(apply(testManifest({ chat: [withKey('bad'), '1.1.0'] }), 'change')).rejects.toThrow('not there');
    expect(taken).toEqual(['second']);
    expect(runtime.log).toEqual(['load chat@1.0.0']);
    expect(deployments.find('chat')?.versions.size).toBe(1);
  });

  it('keeps a version that cannot be loaded at the start as failed, and tries it again', async () => {
    const { apply, state, runtime, clock } = start();
    runtime.failLoadsWith = 'the registry cannot be reached';
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    expect(state('chat', '1.0.0')).toBe('failed');
    await clock.advance(5_000);
    expect(state('chat', '1.0.0')).toBe('failed');
    runtime.failLoadsWith = undefined;
    await clock.advance(10_000);
    expect(state('chat', '1.0.0')).toBe('ready');
  });

  it('applies changes one after another', async () => {
    const { apply, deployments } = start();
    await apply(testManifest({ chat: ['1.0.0'] }), 'start');
    await Promise.all([
      apply(testManifest({ chat: ['1.1.0'] }), 'change'),
      apply(testManifest({ chat: ['1.2.0'] }), 'change'),
    ]);
    expect(deployments.find('chat')?.traffic.stable).toBe('1.2.0');
    expect([...(deployments.find('chat')?.versions.keys() ?? [])]).toEqual(['1.2.0']);
  });
});
