import { logMeanExp } from '../statistics/log-mean-exp.ts';
import { logSpaced } from '../statistics/log-spaced.ts';

/**
 * ln E of the mixture likelihood ratio against `rate ≤ p0`, for events that are independent of each other: 20 rates p1
 * log-spaced from 1.1·p0 to min(20·p0, 0.99). The yardstick of the planner and the simulations; no gate uses it, since
 * events of real traffic come in clusters and it then raises false alarms in a third to a half of all cases.
 * @see Lindon & Malek, "Anytime-valid inference for multinomial count data", arXiv 2011.03567
 */
export function perRequestLogE(p0: number, requests: number, events: number): number {
  return logMeanExp(
    logSpaced(1.1 * p0, Math.min(20 * p0, 0.99), 20).map(
      (p1) => events * Math.log(p1 / p0) + (requests - events) * Math.log((1 - p1) / (1 - p0)),
    ),
  );
}
