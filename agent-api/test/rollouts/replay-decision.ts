import { decideFailure } from '@scarmonit/core/gates/decide-failure';
import { noFacts } from '@scarmonit/core/gates/facts';
import { mergeFacts } from '@scarmonit/core/gates/merge-facts';
import type { Outcome } from '@scarmonit/core/ports/prediction-repository';
import { readGates } from '@scarmonit/core/rollouts/read-gates';
import type { Rollout } from '@scarmonit/core/rollouts/rollout';
import { type CountedRequest, RolloutCounters } from '@scarmonit/core/rollouts/rollout-counters';
import type { RolloutHost } from './rollout-host.ts';

/**
 * When the request ended after which the gates call for an end, by the recorded requests of a rollout alone: they are
 * counted and judged again one by one.
 * @returns milliseconds since the Unix epoch
 */
export async function replayDecision(host: RolloutHost, id: string): Promise<number> {
  const [row] = host.query('select * from rollouts where id = ?', id);
  const plan = JSON.parse(String(row?.plan)) as Rollout['plan'];
  const rollout = { id, model: String(row?.model), to: String(row?.to_version), plan };
  const weights = new Map(
    host
      .query('select revision, weight from traffic_revisions where rollout_id = ?', id)
      .map(({ revision, weight }) => [Number(revision), Number(weight)]),
  );
  const counters = new RolloutCounters();
  counters.add(rollout);
  let facts = noFacts;
  for (const { at, apply } of listEvents(host, rollout, weights, counters)) {
    apply();
    for (const { folded } of counters.drain()) facts = mergeFacts(facts, folded.facts);
    const readings = readGates({ plan }, { evidenceFrom: 0, renewedFrom: 0 }, facts);
    if (decideFailure(plan.gates, readings, facts, 'per-request', facts).action !== 'none') return at;
  }
  throw new Error('By the recorded requests nothing was to be decided.');
}

/** Begins and ends of the requests, in the order in which they happened. */
function listEvents(
  host: RolloutHost,
  { id, model, to }: Pick<Rollout, 'id' | 'model' | 'to'>,
  weights: ReadonlyMap<number, number>,
  counters: RolloutCounters,
): readonly { readonly at: number; apply(): void }[] {
  const rows = host.query('select * from predictions where rollout_id = ? and traffic_revision is not null', id);
  const events = rows.flatMap((row) => {
    const [revision, startedAt, latencyMs] = [row.traffic_revision, row.created_at, row.latency_ms].map(Number);
    const traffic = {
      rolloutId: id,
      model,
      revision: revision ?? 0,
      weight: weights.get(revision ?? 0) ?? 0,
      stable: '',
      shadow: 0,
      sticky: 'none',
      salt: '',
      decidedBy: '',
      reason: '',
      createdAt: 0,
    } as const;
    let counted: CountedRequest | undefined;
    const arm = row.version === to ? 'candidate' : 'stable';
    const end = {
      outcome: String(row.outcome) as Outcome,
      latencyMs: latencyMs ?? 0,
      firstTokenMs: undefined,
      costUsd: Number(row.cost_usd),
    };
    const begin = (): void => {
      counted = counters.begin(traffic, arm, row.stream === 1, undefined);
    };
    return [
      { at: startedAt ?? 0, apply: begin },
      { at: (startedAt ?? 0) + (latencyMs ?? 0), apply: () => counted?.end(end) },
    ];
  });
  return events.toSorted((a, b) => a.at - b.at);
}
