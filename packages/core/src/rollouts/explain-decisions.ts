import type { Obstacle } from '../gates/decide-advance.ts';
import type { FailureDecision } from '../gates/decide-failure.ts';
import type { GateReading } from '../gates/gate.ts';
import type { Rollout } from './rollout.ts';

/** Why a failure stops a rollout, in a sentence with its evidence. */
export function explainFailure(
  { from, to }: Pick<Rollout, 'from' | 'to'>,
  decision: Exclude<FailureDecision, { readonly action: 'none' }>,
  readings: readonly GateReading[],
): string {
  const evidence = decision.because.map((id) => describeEvidence(id, readings)).join('; ');
  switch (decision.cause) {
    case 'crashes':
      return `the engine of ${to} crashed three times`;
    case 'worse-than-stable':
      return `${to} is worse than ${from}: ${evidence}`;
    case 'misses-goal':
      return `${to} misses its goal and ${from} does not: ${evidence}`;
    case 'shared-incident':
      return `${to} and ${from} both miss the goal, so this is no fault of the new version: ${evidence}`;
    case 'sticky-keys':
      return `${to} misses its goal, but with sticky assignment a few heavy keys may be the cause: ${evidence}`;
  }
}

function describeEvidence(id: string, readings: readonly GateReading[]): string {
  const reading = readings.find(({ gate }) => gate === id);
  if (reading === undefined) return id;
  return `${id} has evidence ${reading.logE.toFixed(2)} of ${reading.threshold.toFixed(2)} after ${reading.exposure}`;
}

/** What a step still waits for, in a sentence. */
export function explainObstacles(obstacles: readonly Obstacle[]): string {
  return obstacles.map(explainObstacle).join(', ');
}

function explainObstacle(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'failed':
      return `${obstacle.gate} has failed`;
    case 'unproven':
      return `${obstacle.gate} is not proven`;
    case 'exposure':
      return `${obstacle.gate} has seen ${obstacle.seen} of ${obstacle.required}`;
    case 'bake':
      return `${Math.ceil(obstacle.remainingMs / 1000)} s of the step are left`;
  }
}
