import type { Obstacle } from '../gates/decide-advance.ts';
import type { FailureDecision } from '../gates/decide-failure.ts';
import type { RolloutFacts } from '../gates/facts.ts';
import type { AbsoluteGate, Gate } from '../gates/gate.ts';
import { copiesOf, isPaired, requestsOf, type SeenEvents, seenBy } from '../gates/read-facts.ts';
import { describeEvent, describeUnits, nameGate, percent } from './describe-gates.ts';
import { evidenceFor } from './read-gates.ts';
import type { Rollout, RolloutState } from './rollout.ts';

/** What an explanation takes its figures from. */
export interface Explained {
  readonly rollout: Pick<Rollout, 'from' | 'to' | 'plan'>;
  readonly state: Pick<RolloutState, 'evidenceFrom' | 'renewedFrom'>;
  readonly facts: RolloutFacts;
  /** Of the last minutes. */
  readonly recent: RolloutFacts;
}

type Failure = Exclude<FailureDecision, { readonly action: 'none' }>;

/**
 * Why a failure stops a rollout, as somebody who is called at night wants to read it: what the new version does, how often
 * beside the old one, and how sure that is. The chance is the rollout's whole budget, of which each gate has a part.
 */
export function explainFailure(explained: Explained, decision: Failure): string {
  const { rollout, facts } = explained;
  const { from, to, plan } = rollout;
  const gates = plan.gates.filter(({ id }) => decision.because.includes(id));
  const explain = (one: (gate: Gate, explained: Explained) => string): string =>
    gates.map((gate) => one(gate, explained)).join('; ');
  const chance = `chance of a false alarm ≤ ${percent(plan.falseRollbackBudget)}`;
  switch (decision.cause) {
    case 'crashes':
      return `the engine of ${to} crashed ${facts.crashes} times`;
    case 'worse-than-stable':
      return `${explain(compareVersions)}; ${chance}`;
    case 'misses-goal':
      return `${explain(missGoal)}; ${chance}`;
    case 'shared-incident':
      return `${to} and ${from} both miss the goal, so this is no fault of ${to}: ${explain(shareIncident)}`;
    case 'sticky-keys':
      return `${explain(missGoal)}; with sticky assignment a few busy keys may be the cause, so a person decides`;
  }
}

function compareVersions(gate: Gate, { rollout: { from, to }, state, facts }: Explained): string {
  const evidence = evidenceFor(gate, state, facts);
  const happens = `${to} ${describeEvent(gate)} more often than ${from}`;
  if (isPaired(gate)) {
    const { worse, better, same } = evidence.pairs;
    const pairs = `of ${worse + better + same} labelled requests that both answered`;
    return `${happens}: ${pairs}, ${to} alone was wrong on ${worse}, and ${from} alone on ${better}`;
  }
  const candidate = describeSeen(seenBy(gate, 'candidate', evidence), describeUnits(gate));
  return `${happens}: ${candidate} against ${describeSeen(seenBy(gate, 'stable', evidence))}`;
}

function missGoal(gate: Gate, { rollout: { from, to }, state, facts }: Explained): string {
  if (gate.kind !== 'absolute') return nameGate(gate, from);
  const evidence = evidenceFor(gate, state, facts);
  const seen = describeCandidate(gate, from, evidence);
  const stable = requestsOf(gate.event, 'stable', evidence);
  const beside = stable.exposed === 0 ? '' : ` and ${from} has ${percent(stable.events / stable.exposed)}`;
  return `${to} ${describeEvent(gate)} too often: ${seen}, where the goal allows ${percent(gate.allowed)}${beside}`;
}

/** An incident is of now: a long good record would hide it. */
function shareIncident(gate: Gate, { rollout: { from, to }, recent }: Explained): string {
  if (gate.kind !== 'absolute') return nameGate(gate, from);
  const candidate = describeCandidate(gate, from, recent);
  const stable = describeSeen(requestsOf(gate.event, 'stable', recent));
  return `${nameGate(gate, from)}, lately ${candidate} with ${to} and ${stable} with ${from}`;
}

/** Copies and requests are told apart, since no client has seen the former. */
function describeCandidate(gate: AbsoluteGate, from: string, facts: RolloutFacts): string {
  const all = requestsOf(gate.event, 'candidate', facts);
  const copies = gate.event === 'error' ? copiesOf(facts) : { exposed: 0, events: 0 };
  const requests = { exposed: all.exposed - copies.exposed, events: all.events - copies.events };
  const inCopies = describeSeen(copies, `copies of requests that ${from} had answered`);
  if (copies.exposed > 0 && requests.exposed === 0) return inCopies;
  const inRequests = describeSeen(requests, describeUnits(gate));
  return copies.exposed === 0 ? inRequests : `${inRequests} and ${inCopies}`;
}

/** What a step still waits for, in a clause. */
export function explainObstacles(rollout: Explained['rollout'], obstacles: readonly Obstacle[]): string {
  return `more is needed: ${obstacles.map((obstacle) => explainObstacle(obstacle, rollout)).join(', ')}`;
}

/** Gates by their ids, in words. */
export function nameGates({ from, plan }: Explained['rollout'], ids: readonly string[]): string {
  return plan.gates
    .filter(({ id }) => ids.includes(id))
    .map((gate) => nameGate(gate, from))
    .join(', ');
}

function explainObstacle(obstacle: Obstacle, { from, plan }: Explained['rollout']): string {
  if (obstacle.kind === 'bake') return `${Math.ceil(obstacle.remainingMs / 1000)} s more of this step`;
  const gate = plan.gates.find(({ id }) => id === obstacle.gate);
  if (gate === undefined) return obstacle.gate;
  const name = nameGate(gate, from);
  switch (obstacle.kind) {
    case 'failed':
      return `${name} (failed)`;
    case 'unproven':
      return `${name} (not proven)`;
    case 'exposure':
      return `${name} (${obstacle.seen} of ${Math.ceil(obstacle.required)} ${describeUnits(gate)} seen)`;
  }
}

/** Such as "12 of 240 requests (5 %)". */
function describeSeen({ exposed, events }: SeenEvents, units?: string): string {
  const of = `${events} of ${exposed}${units === undefined ? '' : ` ${units}`}`;
  return exposed === 0 ? of : `${of} (${percent(events / exposed)})`;
}
