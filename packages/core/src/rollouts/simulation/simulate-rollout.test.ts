import { describe, expect, it } from 'vitest';
import { compileGates, type GateSettings } from '../../gates/compile-gates.ts';
import type { Gate } from '../../gates/gate.ts';
import { type DetectorResult, simulateRollout } from './simulate-rollout.ts';
import type { SyntheticTraffic } from './synthetic-traffic.ts';

const settings: GateSettings = {
  falseRollbackBudget: 0.01,
  detect: 5,
  promotion: 'detect',
  sticky: 'none',
  steps: [0.1, 0.5],
};
const gates = compileGates({ maxErrorRate: 0.01 }, settings);
const healthy: SyntheticTraffic = {
  requestsPerMinute: 200,
  steps: settings.steps,
  minutesPerStep: 30,
  rates: { stable: { error: 0.005 }, candidate: { error: 0.005 } },
};

function simulate(
  traffic: Partial<SyntheticTraffic>,
  tested: readonly Gate[] = gates,
): Readonly<Record<string, DetectorResult>> {
  const results = simulateRollout(tested, { ...healthy, ...traffic }, { runs: 20, seed: 5 });
  return Object.fromEntries(results.map((result) => [result.detector.split(':')[0] ?? '', result]));
}

describe('simulated rollouts', () => {
  it('of a healthy candidate: the usual rules throw it away, the gates do not', () => {
    const results = simulate({});
    expect(results['gates']?.rolledBack).toBe(0);
    expect(results['Flagger-like']?.rolledBack).toBeGreaterThan(0.5);
    expect(results['Argo-like']?.rolledBack).toBeGreaterThan(0.3);
    expect(results['z test at 5 %, every interval']?.rolledBack).toBeGreaterThan(0.15);
  });

  it('of a candidate with six times the errors: the gates roll it back at the first step', () => {
    const { gates: ours } = simulate({ rates: { stable: { error: 0.005 }, candidate: { error: 0.03 } } });
    expect(ours?.rolledBack).toBe(1);
    expect(ours?.medianCandidateRequests).toBeLessThan(600);
  });

  it('of a shared incident: the gates freeze', () => {
    const { gates: ours } = simulate({ incident: { from: 20, to: 40, rates: { error: 0.3 } } });
    expect(ours?.frozen).toBeGreaterThan(0.9);
    expect(ours?.rolledBack).toBeLessThan(0.1);
  });

  it('of healthy candidates in shared bursts, under a rising base rate, and with sticky keys: the gates keep them', () => {
    const sticky = compileGates({ maxErrorRate: 0.01 }, { ...settings, sticky: 'key' });
    expect(simulate({ clusters: { size: 10, scope: 'shared' } })['gates']?.rolledBack).toBe(0);
    expect(
      simulate({ rates: { stable: { error: 0.001 }, candidate: { error: 0.001 } }, drift: 8 })['gates']?.rolledBack,
    ).toBe(0);
    expect(simulate({ keys: 400 }, sticky)['gates']?.rolledBack).toBe(0);
  });

  it('of a bad candidate with sticky keys: the gates roll it back by the keys', () => {
    const sticky = compileGates({ maxErrorRate: 0.01 }, { ...settings, sticky: 'key' });
    const bad = { keys: 2000, rates: { stable: { error: 0.005 }, candidate: { error: 0.1 } } };
    expect(simulate(bad, sticky)['gates']?.rolledBack).toBe(1);
  });

  it('are the same for the same seed', () => {
    expect(simulate({ minutesPerStep: 5 })).toEqual(simulate({ minutesPerStep: 5 }));
  });
});
