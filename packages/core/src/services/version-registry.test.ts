import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { createFakeRuntime } from '../../test/fake-runtime.ts';
import { createTestPorts, testManifest } from '../../test/manifest.ts';
import { createFakeVersionStore } from '../../test/version-store.ts';
import { Deployments } from '../deployments/deployments.ts';
import { createApplyManifest } from './apply-manifest.ts';
import { createVersionRegistrar } from './register-version.ts';
import { createVersionRegistry } from './version-registry.ts';

const now = 1_700_000_000_000;
const by = { by: 'sk-ada', reason: 'it is old' };
const upstream = (model: string, more: object = {}): string =>
  JSON.stringify({ runtime: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', model, ...more });

/** The registry of a model `chat` whose manifest declares 1.0.0, which is stable, and 1.1.0. */
async function setUp() {
  const clock = createFakeClock(now);
  const runtime = createFakeRuntime();
  const deployments = new Deployments();
  const testPorts = createTestPorts({ clock, runtime, deployments });
  const store = createFakeVersionStore(testPorts.store.written.traffic);
  const registered = { versions: store.versions, hash: testPorts.hash, projectId: 'default' };
  const supervisor = { ...testPorts.supervisor, register: createVersionRegistrar(registered, clock) };
  await createApplyManifest({ ...testPorts, ...registered, supervisor }).apply(
    testManifest({ chat: ['1.0.0', '1.1.0'] }),
    'start',
  );
  const registry = createVersionRegistry({
    ...registered,
    statuses: store.statuses,
    deployments,
    supervisor,
    readDocument: (text) => ({ value: JSON.parse(text), lineOf: () => undefined }),
    explainSecretUse: () => undefined,
  });
  return { registry, deployments, runtime, store, clock };
}

describe('registering a version', () => {
  it('keeps what it runs and its card, and loads nothing', async () => {
    const { registry, runtime } = await setUp();
    const loaded = [...runtime.log];
    const card = { text: '# Shorter answers', parent: '1.0.0', outputSchema: { type: 'object' } };
    const record = await registry.register('chat', '2.0.0', upstream('gpt', { card }));
    expect(record).toMatchObject({ version: '2.0.0', status: 'testing', createdAt: now, revision: 0, card });
    expect(record.declaration).toMatchObject({ targets: [{ model: 'gpt' }] });
    expect(record).not.toHaveProperty('state');
    expect(runtime.log).toEqual(loaded);
    expect((await registry.list('chat')).map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '2.0.0']);
  });

  it('may be repeated, but not with other content, and the first card stays', async () => {
    const { registry } = await setUp();
    await registry.register('chat', '2.0.0', upstream('gpt', { card: { text: 'first' } }));
    const again = await registry.register('chat', '2.0.0', upstream('gpt', { card: { text: 'second' } }));
    expect(again.card).toEqual({ text: 'first' });
    await expect(registry.register('chat', '2.0.0', upstream('other'))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'version_immutable',
    });
    expect((await registry.show('chat', '2.0.0')).declaration).toMatchObject({ targets: [{ model: 'gpt' }] });
  });

  it('is refused under a number that the manifest has, also when that never was loaded', async () => {
    const { registry, store } = await setUp();
    const conflict = { kind: 'conflict', code: 'version_immutable' };
    await expect(registry.register('chat', '1.1.0', upstream('gpt'))).rejects.toMatchObject(conflict);
    store.versions.find = async () => undefined;
    store.versions.register = async () => 'registered';
    await expect(registry.register('chat', '1.1.0', upstream('gpt'))).rejects.toMatchObject(conflict);
  });

  it('is refused for what is no version, and for what is no model', async () => {
    const { registry } = await setUp();
    await expect(registry.register('chat', 'newest', upstream('gpt'))).rejects.toMatchObject({ param: 'version' });
    await expect(registry.register('chat', '2.0.0', '{"runtime":"abacus"}')).rejects.toMatchObject({
      kind: 'invalid_request',
    });
    await expect(registry.register('none', '2.0.0', upstream('gpt'))).rejects.toMatchObject({ kind: 'unknown_model' });
    await expect(registry.show('chat', '9.9.9')).rejects.toMatchObject({ kind: 'unknown_version' });
  });
});

describe('deprecating a version', () => {
  it('is said with its reason and its end, known to routing at once, and undone', async () => {
    const { registry, deployments, clock } = await setUp();
    expect(await registry.show('chat', '1.1.0')).toMatchObject({ status: 'testing', state: 'ready' });
    await clock.advance(5_000);
    const decision = { deprecated: true, sunsetAt: now + 60_000, ...by };
    expect(await registry.deprecate('chat', '1.1.0', decision)).toMatchObject({
      status: 'deprecated',
      revision: 1,
      deprecation: { since: now + 5_000, sunsetAt: now + 60_000, decidedBy: 'sk-ada', reason: 'it is old' },
    });
    expect(deployments.findDeprecation('chat', '1.1.0')).toEqual({ since: now + 5_000, sunsetAt: now + 60_000 });
    const undone = await registry.deprecate('chat', '1.1.0', { deprecated: false, ...by });
    expect(undone).toMatchObject({ status: 'testing', revision: 2 });
    expect(undone).not.toHaveProperty('deprecation');
    expect(deployments.findDeprecation('chat', '1.1.0')).toBeUndefined();
  });

  it('is refused for what has traffic', async () => {
    const { registry, deployments, store } = await setUp();
    const traffic = deployments.find('chat')?.traffic;
    if (traffic === undefined) throw new Error('The model has traffic.');
    deployments.setTraffic({ ...traffic, revision: 2, candidate: '1.1.0' });
    for (const version of ['1.0.0', '1.1.0']) {
      await expect(registry.deprecate('chat', version, { deprecated: true, ...by })).rejects.toMatchObject({
        kind: 'conflict',
        code: 'version_has_traffic',
      });
    }
    expect(store.said).toEqual([]);
  });

  it('is won by one of two who decide at once, and refused to who looked at an older state', async () => {
    const { registry, store } = await setUp();
    const outcomes = await Promise.allSettled([
      registry.deprecate('chat', '1.1.0', { deprecated: true, ...by }),
      registry.deprecate('chat', '1.1.0', { deprecated: false, ...by }),
    ]);
    const conflict = { kind: 'conflict', code: 'revision_conflict' };
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: conflict });
    expect(store.said).toHaveLength(1);
    const stale = { deprecated: true, revision: 0, ...by };
    await expect(registry.deprecate('chat', '1.1.0', stale)).rejects.toMatchObject(conflict);
  });

  it('is learned from the store where others decided', async () => {
    const { registry, deployments, store } = await setUp();
    const word = { model: 'chat', version: '1.1.0', revision: 1, decidedBy: 'x', reason: '', createdAt: 7 };
    store.said.push({ ...word, status: 'deprecated' });
    expect(deployments.findDeprecation('chat', '1.1.0')).toBeUndefined();
    await registry.follow();
    expect(deployments.findDeprecation('chat', '1.1.0')).toEqual({ since: 7 });
  });
});

describe('the status of a version', () => {
  it('is active once it was stable, and stays so', async () => {
    const { registry, deployments } = await setUp();
    const traffic = deployments.find('chat')?.traffic;
    if (traffic === undefined) throw new Error('The model has traffic.');
    deployments.setTraffic({ ...traffic, revision: 2, stable: '1.1.0' });
    expect(await registry.list('chat')).toMatchObject([
      { version: '1.0.0', status: 'active' },
      { version: '1.1.0', status: 'active', alias: 'stable' },
    ]);
  });
});

describe('making a registered version live', () => {
  it('loads it once, however many ask, and gives it no traffic', async () => {
    const { registry, deployments, runtime, clock } = await setUp();
    await registry.register('chat', '2.0.0', upstream('gpt'));
    const outcomes = await Promise.all([registry.ensureLive('chat', '2.0.0'), registry.ensureLive('chat', '2.0.0')]);
    await clock.advance(0);
    expect(outcomes).toEqual([true, true]);
    expect(runtime.log.filter((line) => line.endsWith('2.0.0'))).toEqual(['load chat@2.0.0']);
    expect(await registry.show('chat', '2.0.0')).toMatchObject({ state: 'ready', status: 'testing' });
    expect(deployments.find('chat')?.traffic).toMatchObject({ revision: 1, stable: '1.0.0', weight: 0 });
  });

  it('is not possible for what nobody registered', async () => {
    const { registry } = await setUp();
    expect(await registry.ensureLive('chat', '9.9.9')).toBe(false);
    expect(await registry.ensureLive('none', '1.0.0')).toBe(false);
  });
});
