import { describe, expect, it } from 'vitest';
import type { TestModel } from './rollout-host.ts';
import { failuresOf, type Stories, untilAllBy } from './stories.ts';

export const blueGreenModels: readonly TestModel[] = [
  {
    name: 'switched',
    goals: { maxErrorRate: 0.02 },
    rollout: { strategy: 'blue-green', retentionMinutes: 0.05 },
  },
];

export function testBlueGreen({ host, ask }: Stories): void {
  describe('blue-green', () => {
    it('switches, switches back, and switches for good, under load and without one failed request', async (story) => {
      const traffic = ask(story, 'switched', 8);
      const first = await host().startRollout('switched', { retentionMinutes: 10 });
      await host().until(first, 'bake');
      await untilAllBy('1.1.0', traffic);
      expect((await host().command(first, 'rollback')).status).toBe(200);
      await untilAllBy('1.0.0', traffic);
      const second = await host().startRollout('switched');
      await host().until(second, 'active');
      await untilAllBy('1.1.0', traffic);
      expect((await host().command(second, 'rollback')).body.state.phase).toBe('rolled-back');
      await untilAllBy('1.0.0', traffic);
      await traffic.stop();
      expect(failuresOf(traffic)).toEqual([]);
      expect(traffic.endings.length).toBeGreaterThan(100);
    });
  });
}
