import type { BucketedStatistics } from './bucketed-test.ts';
import type { ComparativeStatistics } from './comparative-test.ts';
import type { Arm, EventKind, ExposureCount, RolloutFacts, Unit } from './facts.ts';
import type { AbsoluteGate, ComparativeGate, Gate, GateStatistics, PairedGate } from './gate.ts';

/** The sufficient statistics of a gate, of the candidate. Rows are in order, so that equal facts give equal receipts. */
export function statisticsOf(gate: Gate, facts: RolloutFacts): GateStatistics {
  if (isPaired(gate)) return { test: gate.test.name, pairs: facts.pairs };
  if (gate.kind === 'absolute') return { test: 'bucketed', buckets: bucketsOf(gate.event, 'candidate', facts) };
  return { test: gate.test.name, weights: weightsOf(gate, facts) };
}

/** Units that an event could happen to, and those on which it did. */
export interface SeenEvents {
  readonly exposed: number;
  readonly events: number;
}

/**
 * How much a gate has seen of the candidate: requests, keys or labelled pairs. For comparisons only what was served
 * beside stable counts.
 */
export function exposureOf(gate: Gate, facts: RolloutFacts): number {
  if (isPaired(gate)) return facts.pairs.worse + facts.pairs.better + facts.pairs.same;
  return seenBy(gate, 'candidate', facts).exposed;
}

/** What a gate on events has seen of one version, in its own unit; for comparisons what was served beside the other. */
export function seenBy(gate: AbsoluteGate | ComparativeGate, arm: Arm, facts: RolloutFacts): SeenEvents {
  if (gate.kind === 'absolute') return requestsOf(gate.event, arm, facts);
  const split = facts.exposures.filter(({ weight }) => isSplit(weight));
  return sumExposures(split, gate.event, arm, gate.unit);
}

/** Requests of one version that an event could happen to, and those on which it did. */
export function requestsOf(event: EventKind, arm: Arm, facts: RolloutFacts): SeenEvents {
  return sumExposures(facts.exposures, event, arm, 'request');
}

/**
 * Copies that the candidate worked on, and those that it failed. It gets no requests meanwhile, so that what it was seen
 * to do at a weight of 0 are its copies.
 */
export function copiesOf({ exposures }: RolloutFacts): SeenEvents {
  return sumExposures(
    exposures.filter(({ weight }) => weight === 0),
    'error',
    'candidate',
    'request',
  );
}

function sumExposures(rows: readonly ExposureCount[], event: EventKind, arm: Arm, unit: Unit): SeenEvents {
  const sum = { exposed: 0, events: 0 };
  for (const row of rows) {
    if (row.arm !== arm || row.event !== event || row.unit !== unit) continue;
    sum.exposed += row.exposed;
    sum.events += row.events;
  }
  return sum;
}

/** All buckets of one version, over all revisions. */
export function bucketsOf(event: EventKind, arm: Arm, facts: RolloutFacts): BucketedStatistics {
  const kinds = new Map<string, BucketedStatistics[number]>();
  for (const row of facts.buckets) {
    if (row.arm !== arm || row.event !== event) continue;
    const { requests, events } = row;
    const key = `${requests}/${events}`;
    kinds.set(key, { requests, events, buckets: row.buckets + (kinds.get(key)?.buckets ?? 0) });
  }
  return [...kinds.values()]
    .filter(({ buckets }) => buckets !== 0)
    .sort((a, b) => a.requests - b.requests || a.events - b.events);
}

/** Whether both versions got traffic, so that there is something to compare. */
export function isSplit(weight: number): boolean {
  return weight > 0 && weight < 1;
}

function weightsOf({ event, unit }: ComparativeGate, facts: RolloutFacts): ComparativeStatistics {
  const weights = new Map<number, { candidate: number; stable: number }>();
  for (const row of facts.exposures) {
    if (row.event !== event || row.unit !== unit || row.events === 0 || !isSplit(row.weight)) continue;
    const counts = weights.get(row.weight) ?? { candidate: 0, stable: 0 };
    counts[row.arm] += row.events;
    weights.set(row.weight, counts);
  }
  return [...weights].sort(([a], [b]) => a - b).map(([weight, counts]) => ({ weight, ...counts }));
}

/** Whether a gate's evidence is labelled pairs, rather than events in the traffic. */
export function isPaired(gate: Gate): gate is PairedGate {
  return 'margin' in gate.test;
}
