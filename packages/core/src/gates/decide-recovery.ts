import type { RolloutFacts } from './facts.ts';
import type { Gate } from './gate.ts';
import { requestsOf } from './read-facts.ts';
import { regressedRate, requiredRequests } from './required-exposure.ts';

/**
 * Whether a shared incident is over: `unknown` until stable has answered enough requests to tell, then `recovered` when
 * it keeps the goals again, or `missing`. Going on gives no verdict on the candidate, so a plain look is enough; its
 * evidence from before stays out of the absolute gates by {@link factsSince} the revision at which it goes on.
 * @param frozen the absolute gates that froze the rollout
 * @param facts of a window that began at or after the freeze; begin a new window after `missing`
 */
export function decideRecovery(
  frozen: readonly Gate[],
  facts: RolloutFacts,
  detect: number,
): 'recovered' | 'missing' | 'unknown' {
  let verdict: 'recovered' | 'unknown' = 'recovered';
  for (const gate of frozen) {
    if (gate.kind !== 'absolute') continue;
    const { exposed, events } = requestsOf(gate.event, 'stable', facts);
    if (exposed < requiredRequests(gate.test, regressedRate(gate.allowed, detect), gate.alpha)) verdict = 'unknown';
    else if (events > gate.allowed * exposed) return 'missing';
  }
  return verdict;
}
