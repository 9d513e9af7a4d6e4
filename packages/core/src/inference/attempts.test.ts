import { describe, expect, it } from 'vitest';
import { testVersion } from '../../test/manifest.ts';
import { viewRollout } from '../../test/rollout-records.ts';
import { createTestServing } from '../../test/serving.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';

/** A server whose traffic goes to 1.1.0 for the most part, in the middle of a rollout. */
async function serveRollout() {
  const serving = await createTestServing({ chat: ['1.0.0'] });
  const { clock, runtime, deployments, counters, inference, call } = serving;
  const { rollout, traffic } = viewRollout();
  counters.add(rollout);
  const candidate = new VersionSupervisor(testVersion('chat', '1.1.0'), {
    artifacts: { find: async (sha256) => sha256, verify: async (sha256) => sha256, pull: async () => '' },
    runtimes: { onnx: runtime },
    clock,
    events: {},
    register: async () => undefined,
  });
  deployments.addVersion(candidate);
  deployments.setTraffic({ ...traffic, weight: 1 });
  return {
    ...serving,
    candidate,
    ask: () => inference.serve(call(), 'chat', async () => undefined),
    /** Errors of the candidate that its gates have seen. */
    errors: () =>
      counters
        .drain()
        .flatMap(({ folded }) => folded.facts.exposures)
        .filter(({ event, arm }) => event === 'error' && arm === 'candidate')
        .reduce((sum, { events }) => sum + events, 0),
  };
}

describe('an attempt at a version that is not ready', () => {
  it('says nothing of the version while it is being loaded', async () => {
    const { ask, errors, candidate, runtime, records } = await serveRollout();
    await expect(ask()).rejects.toMatchObject({ kind: 'not_ready' });
    runtime.load = () => new Promise(() => undefined);
    void candidate.start();
    await expect(ask()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(candidate.state).toBe('loading');
    expect(errors()).toBe(0);
    expect(records.map(({ outcome, version, rolloutId }) => [outcome, version, rolloutId])).toEqual([
      ['error', '1.1.0', 'r1'],
      ['error', '1.1.0', 'r1'],
    ]);
  });

  it('is its failure when it could not be loaded, or has crashed', async () => {
    const { ask, errors, candidate, runtime, clock } = await serveRollout();
    runtime.failLoadsWith = 'out of memory';
    await candidate.start();
    await expect(ask()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(errors()).toBe(1);
    runtime.failLoadsWith = undefined;
    await clock.advance(5_000);
    expect(candidate.state).toBe('ready');
    runtime.changeState('restarting', 'it was killed');
    await expect(ask()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(errors()).toBe(1);
  });
});
