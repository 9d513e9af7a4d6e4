import { expect, it } from 'vitest';
import { replayDecision } from './replay-decision.ts';
import { eventually, type TestModel } from './rollout-host.ts';
import { expectOnlyCandidateFailed, expectRolledBack, type Stories, untilAllBy } from './stories.ts';

const model = 'failing-suddenly';

export const suddenModels: readonly TestModel[] = [
  { name: model, goals: { maxErrorRate: 0.02 }, rollout: { strategy: 'canary', steps: [50], minBakeMinutes: 10 } },
];

export function testSuddenFailure({ differences, host, upstream, ask }: Stories): void {
  it('take all traffic from a candidate soon after the request that decides, when its upstream suddenly fails', async (story) => {
    const traffic = ask(story, model, 16);
    const id = await host().startRollout(model);
    await host().until(id, 'canary');
    await eventually(async () => expect((await host().detail(id)).counts.candidate.requests).toBeGreaterThan(200));
    upstream().behave(`${model}-1.1.0`, { failsOneIn: 1 });
    const { traffic: after } = await expectRolledBack(host(), id, '1.1.0 fails ');
    await untilAllBy('1.0.0', traffic);
    await expectOnlyCandidateFailed(host(), model, traffic);
    // Records are written once a second.
    const decidedAt = await eventually(() => replayDecision(host(), id));
    expect(after.createdAt - decidedAt).toBeLessThan(differences.decidesWithinMs);
    expect(after.createdAt).toBeGreaterThanOrEqual(decidedAt - 5);
  });
}
