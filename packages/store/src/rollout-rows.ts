import type { SqlRow } from '@scarmonit/core/ports/sql-database';
import type {
  FreezeCause,
  ResumablePhase,
  Rollout,
  RolloutPhase,
  RolloutPlan,
  RolloutState,
} from '@scarmonit/core/rollouts/rollout';
import type { Sticky, Traffic } from '@scarmonit/core/routing/traffic';
import { readNumber, readOptionalNumber, readOptionalText, readText } from './read-row.ts';
import type { RolloutRow, RolloutStateRow, TrafficRow } from './rollout-schema.ts';

export function toTrafficRow(projectId: string, traffic: Traffic): TrafficRow {
  return {
    project_id: projectId,
    model: traffic.model,
    revision: traffic.revision,
    stable: traffic.stable,
    candidate: traffic.candidate ?? null,
    weight: traffic.weight,
    shadow: traffic.shadow,
    sticky: traffic.sticky,
    salt: traffic.salt,
    rollout_id: traffic.rolloutId ?? null,
    decided_by: traffic.decidedBy,
    reason: traffic.reason,
    created_at: traffic.createdAt,
  };
}

export function toTraffic(row: SqlRow): Traffic {
  const candidate = readOptionalText(row, 'candidate');
  const rolloutId = readOptionalText(row, 'rollout_id');
  return {
    model: readText(row, 'model'),
    revision: readNumber(row, 'revision'),
    stable: readText(row, 'stable'),
    ...(candidate === undefined ? {} : { candidate }),
    weight: readNumber(row, 'weight'),
    shadow: readNumber(row, 'shadow'),
    sticky: readText(row, 'sticky') as Sticky,
    salt: readText(row, 'salt'),
    ...(rolloutId === undefined ? {} : { rolloutId }),
    decidedBy: readText(row, 'decided_by'),
    reason: readText(row, 'reason'),
    createdAt: readNumber(row, 'created_at'),
  };
}

export function toRolloutRow(rollout: Rollout): RolloutRow {
  return {
    id: rollout.id,
    project_id: rollout.projectId,
    model: rollout.model,
    from_version: rollout.from,
    to_version: rollout.to,
    from_digest: rollout.fromDigest,
    to_digest: rollout.toDigest,
    plan: JSON.stringify(rollout.plan),
    created_by: rollout.createdBy,
    reason: rollout.reason,
    created_at: rollout.createdAt,
  };
}

export function toRollout(row: SqlRow): Rollout {
  return {
    id: readText(row, 'id'),
    projectId: readText(row, 'project_id'),
    model: readText(row, 'model'),
    from: readText(row, 'from_version'),
    to: readText(row, 'to_version'),
    fromDigest: readText(row, 'from_digest'),
    toDigest: readText(row, 'to_digest'),
    plan: JSON.parse(readText(row, 'plan')) as RolloutPlan,
    createdAt: readNumber(row, 'created_at'),
    createdBy: readText(row, 'created_by'),
    reason: readText(row, 'reason'),
  };
}

export function toRolloutStateRow(state: RolloutState): RolloutStateRow {
  return {
    rollout_id: state.rolloutId,
    revision: state.revision,
    phase: state.phase,
    step: state.step,
    resumes_in: state.resumesIn ?? null,
    frozen_by: state.frozenBy === undefined ? null : JSON.stringify(state.frozenBy),
    deadline_at: state.deadlineAt ?? null,
    evidence_from: state.evidenceFrom,
    renewed_from: state.renewedFrom,
    paused: state.paused ? 1 : 0,
    since: state.since,
    provisional: state.provisional ? 1 : 0,
    decided_by: state.decidedBy,
    reason: state.reason,
    created_at: state.createdAt,
  };
}

/** @param row columns of `rollout_states`; a join may call the rollout's id `id` */
export function toRolloutState(row: SqlRow): RolloutState {
  const resumesIn = readOptionalText(row, 'resumes_in');
  const frozenBy = readOptionalText(row, 'frozen_by');
  const deadlineAt = readOptionalNumber(row, 'deadline_at');
  return {
    rolloutId: readText(row, 'rollout_id' in row ? 'rollout_id' : 'id'),
    revision: readNumber(row, 'revision'),
    phase: readText(row, 'phase') as RolloutPhase,
    step: readNumber(row, 'step'),
    ...(resumesIn === undefined ? {} : { resumesIn: resumesIn as ResumablePhase }),
    ...(frozenBy === undefined ? {} : { frozenBy: JSON.parse(frozenBy) as FreezeCause }),
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    evidenceFrom: readNumber(row, 'evidence_from'),
    renewedFrom: readNumber(row, 'renewed_from'),
    paused: readNumber(row, 'paused') === 1,
    since: readNumber(row, 'since'),
    provisional: readNumber(row, 'provisional') === 1,
    decidedBy: readText(row, 'decided_by'),
    reason: readText(row, 'reason'),
    createdAt: readNumber(row, 'created_at'),
  };
}
