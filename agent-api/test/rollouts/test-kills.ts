import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { keepAsking, type Traffic } from './keep-asking.ts';
import { eventually, phasesOf, RolloutHost, type TestModel, upstreamManifest } from './rollout-host.ts';
import type { StartableHost } from './startable-host.ts';

const goals = { maxErrorRate: 0.1 };
const models: readonly TestModel[] = [
  {
    name: 'tough',
    goals,
    rollout: {
      strategy: 'canary',
      steps: [50],
      detect: 10,
      minBakeMinutes: 0.1,
      shadow: { percent: 100, pairs: 40 },
    },
  },
  { name: 'late', goals, rollout: { strategy: 'canary', steps: [50], minBakeMinutes: 10, deadlineHours: 0.003 } },
];

/** What a host does that is killed in the middle of a rollout, whatever it runs on. */
export function testKills(name: string, createHost: () => StartableHost): void {
  describe(`rollouts on ${name}, killed`, { timeout: 400_000 }, () => {
    const host = new RolloutHost(createHost());
    let upstream: FaultyUpstream;
    beforeAll(async () => {
      upstream = await startFaultyUpstream();
      await host.start(upstreamManifest(upstream.baseUrl, models));
    });
    afterAll(async () => {
      await host.close();
      await upstream.close();
    });

    const restart = async (): Promise<void> => {
      await host.kill();
      await host.start();
    };

    /**
     * Kills the host, starts it again, and sees that the rollout stands where it stood. A frozen one may have been looked
     * at anew meanwhile, which adds to its history and changes nothing else.
     */
    const killIn = async (id: string, phase: string): Promise<void> => {
      const before = await host.until(id, phase);
      await restart();
      const after = await host.detail(id);
      expect(after.states.slice(0, before.states.length)).toEqual(before.states);
      expect(standOf(after)).toEqual(standOf(before));
    };

    /** Has the model asked while something goes on; each request must be answered. @returns the candidate's answers */
    const askWhile = async (work: (traffic: Traffic) => Promise<unknown>): Promise<number> => {
      const traffic = keepAsking(host, 'tough', 8);
      await work(traffic);
      await traffic.stop();
      expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
      return byCandidate(traffic);
    };

    /** What is counted is written within a second; what a kill finds in memory is lost. */
    const untilWritten = (id: string, requests: number): Promise<void> =>
      eventually(async () => expect((await host.detail(id)).counts.candidate.requests).toBe(requests));

    it('go on where they were after kill -9 in each phase', async () => {
      upstream.behave('tough-1.1.0', { hangs: true });
      const id = await host.startRollout('tough');
      await killIn(id, 'draft');
      upstream.behave('tough-1.1.0', {});
      await killIn(id, 'shadow');
      const first = await askWhile(() => host.until(id, 'canary'));
      await untilWritten(id, first);
      await killIn(id, 'canary');
      await host.command(id, 'pause');
      const seen =
        first + (await askWhile((traffic) => eventually(() => expect(byCandidate(traffic)).toBeGreaterThan(50))));
      await untilWritten(id, seen);
      await killIn(id, 'canary');
      // What was counted and written before is not counted again, and not lost.
      expect((await host.detail(id)).counts.candidate.requests).toBe(seen);
      expect((await host.detail(id)).state.paused).toBe(true);
      for (const version of ['1.0.0', '1.1.0']) upstream.behave(`tough-${version}`, { failsOneIn: 2 });
      const outage = keepAsking(host, 'tough', 8);
      // Paused still, or it would go on to the bake before the outage is noticed.
      await host.until(id, 'frozen');
      expect((await host.command(id, 'resume')).status).toBe(200);
      await outage.stop();
      await killIn(id, 'frozen');
      for (const version of ['1.0.0', '1.1.0']) upstream.behave(`tough-${version}`, {});
      await askWhile(async () => {
        await host.until(id, 'bake');
        // The bake would be over before a busy machine has a host again.
        expect((await host.command(id, 'pause')).status).toBe(200);
      });
      await killIn(id, 'bake');
      await host.command(id, 'resume');
      await askWhile(() => host.until(id, 'active'));
      await killIn(id, 'active');
      const detail = await host.detail(id);
      expect(detail.traffic).toMatchObject({ stable: '1.1.0', candidate: null, weight: 0 });
      expect(phasesOf(detail).filter((phase, index, all) => all.indexOf(phase) === index)).toEqual([
        'draft',
        'validated',
        'shadow',
        'canary',
        'frozen',
        'bake',
        'active',
      ]);
    });

    it('are held after a deadline that passed while the host was down', async () => {
      const id = await host.startRollout('late');
      await host.until(id, 'canary');
      await restart();
      expect((await host.until(id, 'held')).traffic).toMatchObject({ stable: '1.0.0', weight: 0.5 });
      await restart();
      const resumed = await host.command(id, 'resume', { reason: 'more time' });
      expect(resumed.body.state.phase).toBe('canary');
      await host.command(id, 'abort');
    });

    it('leave receipts that hold together, each verdict calculated again', async () => {
      const { body } = await host.ask<{ problems: unknown[] }>('admin/receipts/verify?recompute=true');
      expect(body.problems).toEqual([]);
    });
  });
}

const byCandidate = ({ endings }: Traffic): number => endings.filter(({ version }) => version === '1.1.0').length;

function standOf({ state, traffic }: RolloutDetailView): object {
  const { phase, step, paused, provisional } = state;
  const { stable, candidate, weight, shadow } = traffic;
  return { phase, step, paused, provisional, stable, candidate, weight, shadow };
}
