import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { createFakeRuntime } from '../../test/fake-runtime.ts';
import { createTestPorts, testManifest } from '../../test/manifest.ts';
import { Deployments } from '../deployments/deployments.ts';
import { createApplyManifest } from './apply-manifest.ts';
import { createHealthService } from './report-health.ts';

async function start() {
  const clock = createFakeClock();
  const runtime = createFakeRuntime();
  const deployments = new Deployments();
  await createApplyManifest(createTestPorts({ clock, runtime, deployments })).apply(
    testManifest({ chat: ['1.0.0'], vectors: ['1.0.0'] }),
    'start',
  );
  const store = { checks: 0, broken: false };
  const health = createHealthService({
    deployments,
    clock,
    checkStore: async () => {
      store.checks += 1;
      if (store.broken) throw new Error('disk I/O error');
    },
  });
  return { clock, runtime, health, store };
}

describe('readiness', () => {
  it('is on while the host serves and all stable versions are ready', async () => {
    const { health } = await start();
    expect(await health.readiness()).toEqual({ ready: false, reasons: ['starting'] });
    health.enter('serving');
    expect(await health.readiness()).toEqual({ ready: true, reasons: [] });
    health.enter('draining');
    expect(await health.readiness()).toEqual({ ready: false, reasons: ['draining'] });
  });

  it('goes off while versions restart, and names none of them', async () => {
    const { health, runtime } = await start();
    health.enter('serving');
    runtime.changeState('restarting', 'it was killed');
    expect(await health.readiness()).toEqual({ ready: false, reasons: ['2 of 2 models are not ready'] });
    runtime.changeState('ready');
    expect((await health.readiness()).ready).toBe(true);
  });

  it('asks the store at most once a second, and tells when it cannot be read', async () => {
    const { health, clock, store } = await start();
    health.enter('serving');
    await Promise.all([health.readiness(), health.readiness(), health.readiness()]);
    expect(store.checks).toBe(1);
    store.broken = true;
    await clock.advance(1_000);
    expect(await health.readiness()).toEqual({ ready: false, reasons: ['the store cannot be read'] });
  });
});
