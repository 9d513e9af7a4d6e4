import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { describe, expect, it } from 'vitest';
import { ask as askOnce } from '../loop-clients.ts';
import { eventually, phasesOf, type TestModel } from './rollout-host.ts';
import type { Stories } from './stories.ts';

const steps = { strategy: 'canary', steps: [20, 50], minBakeMinutes: 0.01 };
const errors = { maxErrorRate: 0.02 };

export const interruptedModels: readonly TestModel[] = [
  {
    name: 'outage',
    goals: { maxErrorRate: 0.1 },
    rollout: { ...steps, steps: [50], minBakeMinutes: 0.05, detect: 10 },
  },
  { name: 'quiet', goals: errors, rollout: { ...steps, deadlineHours: 0.001 } },
  { name: 'changed', goals: errors, rollout: { ...steps, steps: [50], minBakeMinutes: 10 } },
];

/** What keeps a rollout from going on, and is not the candidate's fault. */
export function testInterruptions({ host, upstream, ask }: Stories): void {
  describe('a rollout', () => {
    it('is frozen by an outage of both versions, and goes on after it', async (story) => {
      ask(story, 'outage', 8);
      const id = await host().startRollout('outage');
      await host().until(id, 'canary');
      // Or it would go on to the bake, on a fast machine, before the outage is noticed.
      expect((await host().command(id, 'pause')).status).toBe(200);
      for (const version of ['1.0.0', '1.1.0']) upstream().behave(`outage-${version}`, { failsOneIn: 2 });
      const frozen = await host().until(id, 'frozen');
      expect(frozen.traffic).toMatchObject({ stable: '1.0.0', candidate: '1.1.0' });
      expect((await host().command(id, 'resume')).body.state.phase).toBe('frozen');
      for (const version of ['1.0.0', '1.1.0']) upstream().behave(`outage-${version}`, {});
      const detail = await host().until(id, 'active');
      const [first, second, ...rest] = phasesOf(detail);
      expect([first, second]).toEqual(['draft', 'validated']);
      expect(rest.slice(-3)).toEqual(expect.arrayContaining(['bake', 'active']));
      expect(detail.traffic.stable).toBe('1.1.0');
    });

    it('without traffic is held at its deadline, and waits for a person', async () => {
      const id = await host().startRollout('quiet');
      const detail = await host().until(id, 'held');
      expect(detail.traffic).toMatchObject({ stable: '1.0.0', candidate: '1.1.0', weight: 0.2 });
      expect(detail.state.reason).toContain('errors against the goal of 2 % (0 of ');
      const aborted = await host().command(id, 'abort');
      expect(aborted.body.state.phase).toBe('aborted');
      expect(aborted.body.traffic).toMatchObject({ stable: '1.0.0', candidate: null, weight: 0 });
    });

    it('begins its evidence anew when the upstream answers as another', async (story) => {
      upstream().behave('changed-1.1.0', { fingerprint: 'fp_1' });
      const traffic = ask(story, 'changed', 8);
      const id = await host().startRollout('changed');
      const before = await host().until(id, 'canary');
      await eventually(async () => expect(readExposure(await host().detail(id))).toBeGreaterThan(50));
      await traffic.stop();
      upstream().behave('changed-1.1.0', { fingerprint: 'fp_2' });
      // A pinned request is enough to notice it, and is counted by no gate.
      const { url, adminKey: key } = host();
      const headers = { 'x-model-version': '1.1.0' };
      const seen = await askOnce({ url, key, model: 'changed', user: 'ada', stream: false, headers });
      expect(seen).toMatchObject({ how: 'whole', version: '1.1.0' });
      await eventually(async () => expect((await host().detail(id)).state.decidedBy).toBe('upstream'));
      const detail = await host().detail(id);
      expect(detail.state).toMatchObject({ phase: 'canary', step: before.state.step });
      expect(detail.state.reason).toContain('changed-1.1.0 fp_1 before, changed-1.1.0 fp_2 now');
      expect(readExposure(detail)).toBe(0);
      expect(detail.traffic).toMatchObject({ weight: before.traffic.weight, candidate: '1.1.0' });
      await host().command(id, 'abort');
    });
  });
}

const readExposure = ({ gates }: RolloutDetailView): number => Math.max(...gates.map(({ exposure }) => exposure));
