import { describe, expect, it } from 'vitest';
import { phasesOf, type TestModel } from './rollout-host.ts';
import { expectOnlyCandidateFailed, expectRolledBack, failuresOf, type Stories, untilAllBy } from './stories.ts';

const steps = { strategy: 'canary', steps: [20, 50], minBakeMinutes: 0.01 };

export const canaryModels: readonly TestModel[] = [
  {
    name: 'healthy',
    goals: { maxErrorRate: 0.1, maxLatencyMs: 20_000 },
    rollout: { ...steps, steps: [40, 80], detect: 10 },
  },
  { name: 'failing', goals: { maxErrorRate: 0.01 }, rollout: steps },
  { name: 'slow', goals: { maxLatencyMs: 4_500 }, rollout: { ...steps, steps: [50] } },
  {
    name: 'copied',
    goals: { maxErrorRate: 0.1 },
    rollout: { ...steps, minBakeMinutes: 10, shadow: { percent: 100, pairs: 150 } },
  },
  { name: 'wrong', goals: { minAccuracy: 0.9 }, rollout: { ...steps, shadow: { percent: 100, pairs: 5_000 } } },
];

/** Candidates that earn their traffic, and some that do not. */
export function testCanary({ host, upstream, ask }: Stories): void {
  describe('a canary', () => {
    it('that is healthy goes through all steps and becomes stable', async (story) => {
      const traffic = ask(story, 'healthy', 8);
      const id = await host().startRollout('healthy');
      const detail = await host().until(id, 'active');
      expect(phasesOf(detail)).toEqual(['draft', 'validated', 'canary', 'bake', 'active']);
      const weights = (await host().history('healthy')).map(({ stable, weight }) => `${stable} ${weight}`);
      expect(weights).toEqual(['1.0.0 0', '1.0.0 0', '1.0.0 0.4', '1.0.0 0.8', '1.0.0 1', '1.1.0 0']);
      await untilAllBy('1.1.0', traffic);
      await traffic.stop();
      expect(failuresOf(traffic)).toEqual([]);
    });

    it('with 5 % errors is rolled back', async (story) => {
      upstream().behave('failing-1.1.0', { failsOneIn: 20 });
      const traffic = ask(story, 'failing', 8);
      const id = await host().startRollout('failing');
      await expectRolledBack(host(), id, '1.1.0 fails ');
      await untilAllBy('1.0.0', traffic);
      await expectOnlyCandidateFailed(host(), 'failing', traffic);
    });

    it('with its latency doubled is rolled back', async (story) => {
      upstream().behave('slow-1.0.0', { delayMs: 2_500 });
      upstream().behave('slow-1.1.0', { delayMs: 5_000 });
      const traffic = ask(story, 'slow', 24);
      const id = await host().startRollout('slow');
      await expectRolledBack(host(), id, '1.1.0 fails or takes longer than ');
      expect(failuresOf(traffic)).toEqual([]);
    });

    it('comes after a shadow whose candidate answers slowly, so that copies wait for each other', async (story) => {
      upstream().behave('copied-1.1.0', { delayMs: 100 });
      const traffic = ask(story, 'copied', 8);
      const id = await host().startRollout('copied');
      const { shadowPairs } = await host().until(id, 'canary');
      expect(shadowPairs.pairs).toBeGreaterThanOrEqual(150);
      expect(shadowPairs).toMatchObject({ agreeing: shadowPairs.pairs, failed: 0 });
      await host().command(id, 'abort');
      await traffic.stop();
      expect(failuresOf(traffic)).toEqual([]);
    });

    it('that answers wrongly is rolled back out of the shadow, before any client has seen it', async (story) => {
      upstream().behave('wrong-1.1.0', { says: 'Lyon' });
      const traffic = ask(story, 'wrong', 4, async ({ requestId }) => {
        await host().ask('feedback', { requestId, label: 'paris' });
      });
      const id = await host().startRollout('wrong');
      const detail = await expectRolledBack(host(), id, '1.1.0 is wrong more often than 1.0.0');
      expect(phasesOf(detail)).toEqual(['draft', 'validated', 'shadow', 'rolled-back']);
      await traffic.stop();
      expect(new Set(traffic.endings.map(({ version, how }) => `${version} ${how}`))).toEqual(new Set(['1.0.0 whole']));
    });
  });
}
