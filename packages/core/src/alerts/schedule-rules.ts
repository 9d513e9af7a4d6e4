import type { Maintenance, ModelSpec } from '../manifest/manifest.ts';
import { dayMs } from '../metrics/windows.ts';
import type { AlertReading, AlertRule } from './alert.ts';
import { formatDuration } from './words.ts';

/** When something was last done to a model. Milliseconds since the Unix epoch. */
export interface LastCare {
  /** Its stable version changed. */
  readonly updatedAt: number;
  /** It was validated or assessed; absent: never. */
  readonly reviewedAt?: number;
}

/** How long before its day an update is called to mind. An update that early counts for it. */
const noticeMs = 7 * dayMs;

type ScheduledSpec = Pick<ModelSpec, 'name' | 'maintenance'>;

/** The rules that a model's `maintenance` asks for. */
export function scheduleRulesOf({ name, maintenance = {} }: ScheduledSpec): readonly AlertRule[] {
  const { nextUpdate, reviewEveryDays } = maintenance;
  return [
    ...(nextUpdate === undefined ? [] : [dueRule(name, nextUpdate), overdueRule(name, nextUpdate)]),
    ...(reviewEveryDays === undefined ? [] : [reviewRule(name, reviewEveryDays)]),
  ];
}

export function readSchedule(spec: ScheduledSpec, care: LastCare, now: number): readonly AlertReading[] {
  const { name, maintenance = {} } = spec;
  const { nextUpdate, reviewEveryDays } = maintenance;
  return [
    ...(nextUpdate === undefined ? [] : readUpdate(name, maintenance, nextUpdate, care, now)),
    ...(reviewEveryDays === undefined ? [] : [readReview(name, maintenance, reviewEveryDays, care, now)]),
  ];
}

function readUpdate(
  model: string,
  maintenance: Maintenance,
  nextUpdate: string,
  { updatedAt }: LastCare,
  now: number,
): readonly AlertReading[] {
  const dayStart = Date.parse(`${nextUpdate}T00:00:00Z`);
  const isDone = updatedAt >= dayStart - noticeMs;
  const lateMs = now - (dayStart + dayMs);
  const advice = `${ownerOf(maintenance)} rolls out a new version, or writes another day into maintenance.nextUpdate of ${model}.`;
  const figures = [{ name: 'days late', value: Math.floor(lateMs / dayMs), unit: 'days' as const }];
  return [
    {
      rule: dueRule(model, nextUpdate),
      isTrue: !isDone && lateMs < 0 && now >= dayStart - noticeMs,
      summary: `The update of ${nextUpdate} is ${isDone ? 'done' : 'due'}.`,
      advice,
      figures,
    },
    {
      rule: overdueRule(model, nextUpdate),
      isTrue: !isDone && lateMs >= 0,
      summary: isDone
        ? `The update of ${nextUpdate} is done.`
        : `The update was planned for ${nextUpdate}, ${formatDuration(Math.max(0, lateMs) + dayMs)} ago.`,
      advice,
      figures,
    },
  ];
}

function readReview(
  model: string,
  maintenance: Maintenance,
  everyDays: number,
  { updatedAt, reviewedAt }: LastCare,
  now: number,
): AlertReading {
  const sinceMs = now - Math.max(updatedAt, reviewedAt ?? 0);
  return {
    rule: reviewRule(model, everyDays),
    isTrue: sinceMs > everyDays * dayMs,
    summary: `Last updated, validated or assessed ${formatDuration(sinceMs)} ago; a review is wanted every ${everyDays} days.`,
    advice: `${ownerOf(maintenance)} looks at the figures of ${model} and leaves a receipt: a validation or an assessment of its stable version.`,
    figures: [{ name: 'since the last review', value: Math.floor(sinceMs / dayMs), unit: 'days' }],
  };
}

function ownerOf({ owner }: Maintenance): string {
  return owner === undefined ? 'Whoever looks after it' : `Its owner, ${owner},`;
}

function dueRule(model: string, nextUpdate: string): AlertRule {
  return toRule(model, 'update-schedule', 'due', `${model}: update due`, {
    condition: `The update of ${nextUpdate} is less than a week away and not done.`,
  });
}

function overdueRule(model: string, nextUpdate: string): AlertRule {
  return toRule(model, 'update-schedule', 'overdue', `${model}: update overdue`, {
    condition: `The day of the update, ${nextUpdate}, is over, and the stable version has not changed.`,
  });
}

function reviewRule(model: string, everyDays: number): AlertRule {
  return toRule(model, 'review-schedule', 'overdue', `${model}: review overdue`, {
    condition: `For ${everyDays} days the model was neither updated, nor validated, nor assessed.`,
  });
}

function toRule(
  model: string,
  kind: 'update-schedule' | 'review-schedule',
  stage: string,
  title: string,
  { condition }: Pick<AlertRule, 'condition'>,
): AlertRule {
  return {
    id: `${kind}/${model}/${stage}`,
    kind,
    severity: 'ticket',
    model,
    title,
    condition,
    holdMs: 0,
    clearMs: 0,
    remindEveryMs: noticeMs,
  };
}
