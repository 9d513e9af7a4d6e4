import type { Need } from '@scarmonit/core/rollouts/planner/forecast-gate';
import type { PlannedRollout } from '@scarmonit/core/services/agent-services';
import type { RolloutForecastView } from '@scarmonit/protocol/admin/rollout';

/** A forecast on the wire, where null stands for what never comes: JSON has no infinity. */
export function toForecastView(
  model: string,
  { settings, requestsPerMinute, trafficFrom, forecast }: PlannedRollout,
): RolloutForecastView {
  const { gates, steps, minutes, fitsDeadline, proposal, sentences } = forecast;
  return {
    model,
    requestsPerMinute,
    trafficFrom,
    strategy: settings.strategy,
    deadlineHours: settings.deadlineHours,
    gates: gates.map(({ gate, weight, unit, toFail, toProve }) => ({
      gate,
      weight,
      unit,
      toFail: toFail === undefined ? null : { double: toNeedView(toFail.double), detect: toNeedView(toFail.detect) },
      toProve: toProve === undefined ? null : toNeedView(toProve),
    })),
    steps: steps.map((step) => ({
      weight: step.weight,
      minutes: finiteOrNull(step.minutes),
      slowest: step.slowest ?? null,
    })),
    minutes: finiteOrNull(minutes),
    fitsDeadline,
    proposal: proposal === undefined ? null : { steps: [...proposal.steps], minutes: proposal.minutes },
    sentences: [...sentences],
  };
}

function toNeedView({ units, minutes }: Need) {
  return { units: finiteOrNull(units), minutes: finiteOrNull(minutes) };
}

function finiteOrNull(figure: number): number | null {
  return Number.isFinite(figure) ? figure : null;
}
