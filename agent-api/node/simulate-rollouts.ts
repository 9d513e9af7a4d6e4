import { compileGates } from '@scarmonit/core/gates/compile-gates';
import { type DetectorResult, simulateRollout } from '@scarmonit/core/rollouts/simulation/simulate-rollout';

export interface SimulationSettings {
  /** The goal, 0…1. */
  readonly maxErrorRate: number;
  /** What the candidate does where it is bad, 0…1. */
  readonly badErrorRate: number;
  /** Of stable, and of a healthy candidate, 0…1. */
  readonly errorRate: number;
  readonly requestsPerMinute: number;
  readonly minutesPerStep: number;
  /** Shares, 0…1. */
  readonly steps: readonly number[];
  readonly falseRollbackBudget: number;
  readonly detect: number;
  readonly runs: number;
  readonly seed: number;
}

/** One detector, on candidates that should pass and on candidates that should not. Shares of the rollouts, 0…1. */
export interface SimulatedDetector {
  readonly detector: string;
  readonly falseAlarms: number;
  readonly detected: number;
  /** Requests that a bad candidate answered before it was rolled back; absent when it never was. */
  readonly medianCandidateRequests?: number;
}

/** Plays the same rollout many times for the gates and for the usual rules. The same seed gives the same figures. */
export function simulateRollouts(settings: SimulationSettings): readonly SimulatedDetector[] {
  const { maxErrorRate, errorRate, badErrorRate, requestsPerMinute, minutesPerStep, steps, runs, seed } = settings;
  const { falseRollbackBudget, detect } = settings;
  const gates = compileGates(
    { maxErrorRate },
    { falseRollbackBudget, detect, promotion: 'detect', sticky: 'none', steps },
  );
  const play = (candidateRate: number): readonly DetectorResult[] =>
    simulateRollout(
      gates,
      {
        requestsPerMinute,
        minutesPerStep,
        steps,
        rates: { stable: { error: errorRate }, candidate: { error: candidateRate } },
      },
      { runs, seed },
    );
  const healthy = play(errorRate);
  return play(badErrorRate).map(({ detector, rolledBack, medianCandidateRequests }) => ({
    detector,
    falseAlarms: healthy.find((other) => other.detector === detector)?.rolledBack ?? 0,
    detected: rolledBack,
    ...(medianCandidateRequests === undefined ? {} : { medianCandidateRequests }),
  }));
}
