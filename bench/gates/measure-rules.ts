import { compileGates } from '@scarmonit/core/gates/compile-gates';
import { type DetectorResult, simulateRollout } from '@scarmonit/core/rollouts/simulation/simulate-rollout';
import type { SyntheticTraffic } from '@scarmonit/core/rollouts/simulation/synthetic-traffic';

const steps = [0.05, 0.25, 0.5];
const settings = { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', steps } as const;
const goals = { maxErrorRate: 0.01 };

type Scenario = Partial<SyntheticTraffic> & Pick<SyntheticTraffic, 'rates'>;

const equal = (error: number): SyntheticTraffic['rates'] => ({ stable: { error }, candidate: { error } });

const scenarios: Readonly<Record<string, Scenario>> = {
  'healthy: 0.5 % and 0.5 % errors': { rates: equal(0.005) },
  'healthy, shared bursts of 10': { rates: equal(0.005), clusters: { size: 10, scope: 'shared' } },
  'healthy, each version with bursts of 10 of its own': {
    rates: equal(0.005),
    clusters: { size: 10, scope: 'separate' },
  },
  'healthy, base rate rises from 0.1 % to 0.8 %': { rates: equal(0.001), drift: 8 },
  'healthy, sticky keys': { rates: equal(0.005), keys: 2000 },
  'healthy, 20 minutes of 30 % errors in both': {
    rates: equal(0.005),
    incident: { from: 70, to: 90, rates: { error: 0.3 } },
  },
  'bad: 2 % errors': { rates: { stable: { error: 0.005 }, candidate: { error: 0.02 } } },
  'bad: 5 % errors': { rates: { stable: { error: 0.005 }, candidate: { error: 0.05 } } },
  'bad: 5 % errors, sticky keys': { rates: { stable: { error: 0.005 }, candidate: { error: 0.05 } }, keys: 2000 },
};

/** What each detector does in each scenario; of healthy candidates, what is rolled back is a false alarm. */
export function measureRules(runs: number, seed: number): Readonly<Record<string, readonly DetectorResult[]>> {
  return Object.fromEntries(
    Object.entries(scenarios).map(([name, scenario]) => {
      const gates = compileGates(goals, { ...settings, sticky: scenario.keys === undefined ? 'none' : 'key' });
      const traffic = { requestsPerMinute: 100, steps, minutesPerStep: 60, ...scenario };
      return [name, simulateRollout(gates, traffic, { runs, seed })];
    }),
  );
}
