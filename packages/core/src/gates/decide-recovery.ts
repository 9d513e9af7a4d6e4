import type { Arm, RolloutFacts } from './facts.ts';
import type { Gate } from './gate.ts';
import { requestsOf } from './read-facts.ts';
import { regressedRate, requiredRequests } from './required-exposure.ts';

/**
 * Whether a shared incident is over: `unknown` until enough requests were answered to tell, then `recovered` when the
 * goals are kept again, or `missing`. Going on gives no verdict on the candidate, so a plain look is enough; its evidence
 * from before stays out of the absolute gates by {@link factsSince} the revision at which it goes on.
 * @param frozen the absolute gates that froze the rollout
 * @param facts of a window that began at or after the freeze; begin a new window after `missing`
 * @param arm whose requests tell: stable's, or the candidate's where stable gets none
 */
export function decideRecovery(
  frozen: readonly Gate[],
  facts: RolloutFacts,
  detect: number,
  arm: Arm,
): 'recovered' | 'missing' | 'unknown' {
  let verdict: 'recovered' | 'unknown' = 'recovered';
  for (const gate of frozen) {
    if (gate.kind !== 'absolute') continue;
    const { exposed, events } = requestsOf(gate.event, arm, facts);
    if (exposed < requiredRequests(gate.test, regressedRate(gate.allowed, detect), gate.alpha)) verdict = 'unknown';
    else if (events > gate.allowed * exposed) return 'missing';
  }
  return verdict;
}
