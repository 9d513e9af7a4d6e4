import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { describe, expect, it } from 'vitest';
import type { TestModel } from './rollout-host.ts';
import type { Stories } from './stories.ts';

export const peopleModels: readonly TestModel[] = [
  {
    name: 'contended',
    goals: { maxErrorRate: 0.02 },
    rollout: { strategy: 'canary', steps: [20, 50], minBakeMinutes: 10 },
  },
];

export function testPeople({ host }: Stories): void {
  describe('two people at once', () => {
    it('cannot both start a rollout, nor both promote it', async () => {
      const wanted = { model: 'contended', to: '1.1.0' };
      const started = await Promise.all([1, 2].map(() => host().ask<RolloutDetailView>('admin/rollouts', wanted)));
      expect(started.map(({ status }) => status).toSorted()).toEqual([201, 409]);
      const id = started.find(({ status }) => status === 201)?.body.id ?? '';
      const { state } = await host().until(id, 'canary');
      const promoted = await Promise.all(
        ['Ada', 'Grace'].map((who) => host().command(id, 'promote', { reason: who, revision: state.revision })),
      );
      expect(promoted.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      expect(promoted.find(({ status }) => status === 409)?.body).toMatchObject({
        error: { code: 'revision_conflict' },
      });
      const after = await host().detail(id);
      expect(after.state).toMatchObject({ phase: 'canary', step: 1, revision: state.revision + 1 });
      await host().command(id, 'abort');
    });
  });
}
