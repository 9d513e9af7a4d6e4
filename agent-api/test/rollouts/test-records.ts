import { expect, it } from 'vitest';
import { eventually } from './rollout-host.ts';
import type { Stories } from './stories.ts';

/** On a busy machine a request is some time on its way from the look at the traffic to its record. */
const onItsWayMs = 1_000;

/** What is left of all stories. */
export function testRecords({ differences, host, told }: Stories): void {
  it('are followed by every request as soon as the host says', () => {
    const late = host().query(`
      select p.model, p.traffic_revision, max(p.created_at - next.created_at) as late_ms, count(*) as requests
      from predictions p
      join traffic_revisions next on next.model = p.model and next.revision = p.traffic_revision + 1
      where p.created_at > next.created_at + ${differences.staleMs + onItsWayMs}
      group by p.model, p.traffic_revision`);
    expect(late).toEqual([]);
  });

  it('are told to the webhook, each move once and signed, whoever moved them', async () => {
    const moved = () => told().filter(({ data }) => data.model === 'healthy');
    const moves = ['draft', 'validated', 'canary', 'canary', 'bake', 'active'].map((phase) => `rollout.${phase}`);
    const types = () => moved().map(({ type }) => type);
    await eventually(() => expect(types().toSorted()).toEqual(moves.toSorted()));
    expect(moved().filter(({ signature }) => !signature.startsWith('v1,'))).toEqual([]);
  });

  it('leave receipts that hold together up to the heads that were told, each verdict calculated again', async () => {
    const heads = told()
      .filter(({ type }) => type.startsWith('rollout.'))
      .map(({ data }) => data.head);
    expect(heads.length).toBeGreaterThan(30);
    const report = await host().ask<{ problems: unknown[]; recomputed: number }>('admin/receipts/verify', {
      heads,
      recompute: true,
    });
    expect(report.body).toMatchObject({ problems: [], recomputed: expect.any(Number) });
    expect(report.body.recomputed).toBeGreaterThan(20);
  });
}
