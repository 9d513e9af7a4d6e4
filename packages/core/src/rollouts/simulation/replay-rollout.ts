import { decideFailure } from '../../gates/decide-failure.ts';
import { evaluateGate } from '../../gates/evaluate-gate.ts';
import { type EventKind, noFacts, type RolloutFacts } from '../../gates/facts.ts';
import { type Assignment, createRequestFold } from '../../gates/fold-requests.ts';
import type { AbsoluteGate, Gate } from '../../gates/gate.ts';
import { countKeys, mergeFacts, subtractFacts } from '../../gates/merge-facts.ts';
import { type Interval, usualRules } from './usual-rules.ts';

/** A request of the past, or of the imagination. */
export interface ReplayedRequest extends Assignment {
  readonly happened: readonly EventKind[];
}

/** How one detector judged one rollout. */
export interface Judgement {
  readonly detector: string;
  readonly verdict: 'rolled-back' | 'frozen' | 'kept';
  /** Requests that the candidate had answered by then; in all when it was kept. */
  readonly candidateRequests: number;
}

/** How far back the gates look for a shared incident. */
const recentMinutes = 5;

/** Something that watches a rollout minute by minute. */
interface Detector {
  readonly name: string;
  observe(requests: readonly ReplayedRequest[]): Judgement['verdict'];
}

/**
 * Replays one rollout, minute by minute, before the gates and before each of the usual rules. Weights are as recorded: no
 * detector changes the traffic, so all judge the same.
 * @param gates the rollout's
 * @param minutes the requests of each minute, in order
 */
export function replayRollout(
  gates: readonly Gate[],
  minutes: readonly (readonly ReplayedRequest[])[],
): readonly Judgement[] {
  const detectors = [watchGates(gates), ...watchUsualRules(gates, minutes.length)];
  return detectors.map((detector) => judge(detector, minutes));
}

function judge(detector: Detector, minutes: readonly (readonly ReplayedRequest[])[]): Judgement {
  let candidateRequests = 0;
  let judgement: Judgement | undefined;
  for (const requests of minutes) {
    for (const { arm } of requests) if (arm === 'candidate') candidateRequests++;
    const verdict = detector.observe(requests);
    if (verdict === 'kept' || verdict === judgement?.verdict) continue;
    judgement = { detector: detector.name, verdict, candidateRequests };
    if (verdict === 'rolled-back') return judgement;
  }
  return judgement ?? { detector: detector.name, verdict: 'kept', candidateRequests };
}

function watchGates(gates: readonly Gate[]): Detector {
  const fold = createRequestFold();
  const history: RolloutFacts[] = [];
  let facts = noFacts;
  let sticky = false;
  return {
    name: 'gates',
    observe(requests) {
      for (const request of requests) {
        if (request.key !== undefined) sticky = true;
        fold.settle(fold.assign(request), request.happened);
      }
      const folded = fold.drain();
      facts = mergeFacts(facts, folded.facts);
      if (folded.sightings.length > 0)
        facts = mergeFacts(facts, { ...noFacts, exposures: countKeys(folded.sightings) });
      history.push(facts);
      const recent = subtractFacts(facts, history.at(-1 - recentMinutes) ?? noFacts);
      const readings = gates.map((gate) => evaluateGate(gate, facts));
      const { action } = decideFailure(gates, readings, facts, sticky ? 'sticky' : 'per-request', recent);
      return action === 'rollback' ? 'rolled-back' : action === 'freeze' ? 'frozen' : 'kept';
    },
  };
}

/** A usual rule knows one rate, so each goal gets its own and any of them rolls back. */
function watchUsualRules(gates: readonly Gate[], minutes: number): readonly Detector[] {
  const goals = gates.filter((gate): gate is AbsoluteGate => gate.kind === 'absolute');
  return usualRules.map(({ name, begin }) => {
    const watched = goals.map(({ event, allowed }) => ({ event, rule: begin(allowed, minutes) }));
    return {
      name,
      observe: (requests) =>
        watched.filter(({ event, rule }) => rule.observe(countInterval(requests, event))).length > 0
          ? 'rolled-back'
          : 'kept',
    };
  });
}

function countInterval(requests: readonly ReplayedRequest[], event: EventKind): Interval {
  const interval = { candidate: { requests: 0, events: 0 }, stable: { requests: 0, events: 0 } };
  for (const { arm, exposedTo, happened } of requests) {
    if (!exposedTo.includes(event)) continue;
    interval[arm].requests++;
    if (happened.includes(event)) interval[arm].events++;
  }
  return interval;
}
