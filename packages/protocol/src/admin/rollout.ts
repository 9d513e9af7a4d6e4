import type { EventKind } from '@scarmonit/core/gates/facts';
import type { Gate, GateGoal, GateVerdict, InconclusiveReason } from '@scarmonit/core/gates/gate';
import type { RolloutPhase, Strategy } from '@scarmonit/core/rollouts/rollout';
import { z } from 'zod';
import { jsonObjectSchema } from '../openai/function-tool.ts';

const strategySchema = z.enum(['blue-green', 'canary', 'linear']) satisfies z.ZodType<Strategy>;
export const rolloutPhaseSchema = z.enum([
  'draft',
  'validated',
  'shadow',
  'canary',
  'bake',
  'active',
  'rolled-back',
  'aborted',
  'held',
  'frozen',
]) satisfies z.ZodType<RolloutPhase>;
const eventKindSchema = z.enum([
  'error',
  'over-latency',
  'over-first-token',
  'over-cost',
  'unsatisfied',
  'task-not-completed',
]) satisfies z.ZodType<EventKind>;

/** Who gets a model's requests from one revision on. Shares are 0…1, times milliseconds since the Unix epoch. */
export const trafficSchema = z.object({
  revision: z.int(),
  stable: z.string(),
  candidate: z.string().nullable(),
  weight: z.number(),
  shadow: z.number(),
  sticky: z.string(),
  rolloutId: z.string().nullable(),
  decidedBy: z.string(),
  reason: z.string(),
  createdAt: z.int(),
});
export type TrafficView = z.infer<typeof trafficSchema>;

/** Where a rollout stood from one revision on. */
export const rolloutStateSchema = z.object({
  revision: z.int(),
  phase: rolloutPhaseSchema,
  /** Index into the plan's steps, in `canary`. */
  step: z.int(),
  paused: z.boolean(),
  /** What is decided waits for labels or feedback to confirm it. */
  provisional: z.boolean(),
  /** When the phase, or the step of it, began. */
  since: z.int(),
  decidedBy: z.string(),
  reason: z.string(),
  createdAt: z.int(),
});
export type RolloutStateView = z.infer<typeof rolloutStateSchema>;

/** A rollout in a list. */
export const rolloutSchema = z.object({
  id: z.string(),
  model: z.string(),
  from: z.string(),
  to: z.string(),
  strategy: strategySchema,
  createdAt: z.int(),
  createdBy: z.string(),
  reason: z.string(),
  state: rolloutStateSchema,
});
export type RolloutView = z.infer<typeof rolloutSchema>;

/** `GET /api/admin/rollouts`, newest first. */
export const rolloutPageSchema = z.object({
  data: z.array(rolloutSchema),
  /** What to send as `before` for the next page; null when this is the last. */
  nextBefore: z.string().nullable(),
});
export type RolloutPage = z.infer<typeof rolloutPageSchema>;

/** A gate with what it reads now. `logE` at or above `threshold` gives its verdict; logarithms are natural. */
export const gateViewSchema = z.object({
  id: z.string(),
  goal: z.enum([
    'maxErrorRate',
    'maxLatencyMs',
    'maxTimeToFirstTokenMs',
    'maxCostUsd',
    'minAccuracy',
    'minSatisfaction',
    'minTaskCompletion',
  ]) satisfies z.ZodType<GateGoal>,
  kind: z.enum(['absolute', 'comparative', 'paired', 'non-inferiority']) satisfies z.ZodType<Gate['kind']>,
  target: z.number(),
  alpha: z.number(),
  delayed: z.boolean(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']) satisfies z.ZodType<GateVerdict>,
  why: z
    .enum(['no-data', 'not-enough-exposure', 'not-proven'])
    .nullable() satisfies z.ZodType<InconclusiveReason | null>,
  logE: z.number(),
  threshold: z.number(),
  exposure: z.number(),
  required: z.number(),
});
export type GateView = z.infer<typeof gateViewSchema>;

/** What one side of a rollout was seen to do. */
export const armCountsSchema = z.object({
  requests: z.int(),
  events: z.array(z.object({ event: eventKindSchema, exposed: z.int(), happened: z.int() })),
});
export type ArmCountsView = z.infer<typeof armCountsSchema>;

export const rolloutPlanSchema = z.object({
  strategy: strategySchema,
  /** Shares, 0…1. */
  steps: z.array(z.number()),
  shadow: z.object({ share: z.number(), pairs: z.int() }).nullable(),
  minBakeMs: z.number(),
  deadlineMs: z.number(),
  falseRollbackBudget: z.number(),
  detect: z.number(),
  promotion: z.enum(['detect', 'prove']),
  sticky: z.string(),
  retentionMs: z.number(),
  require: z.array(z.string()),
});
export type RolloutPlanView = z.infer<typeof rolloutPlanSchema>;

/** `GET /api/admin/rollouts/{id}`: everything that is known of a rollout now. */
export const rolloutDetailSchema = rolloutSchema.extend({
  fromDigest: z.string(),
  toDigest: z.string(),
  plan: rolloutPlanSchema,
  traffic: trafficSchema,
  gates: z.array(gateViewSchema),
  counts: z.object({ stable: armCountsSchema, candidate: armCountsSchema }),
  crashes: z.int(),
  shadowPairs: z.object({ pairs: z.int(), agreeing: z.int(), failed: z.int() }),
  /** Oldest first. */
  states: z.array(rolloutStateSchema),
});
export type RolloutDetailView = z.infer<typeof rolloutDetailSchema>;

const reason = z.string().trim().max(500);

/** Body of `POST /api/admin/rollouts`. */
export const newRolloutSchema = z.strictObject({
  model: z.string().min(1).max(64),
  to: z.string().min(1).max(64),
  /** As in the manifest's section `rollout`, in place of the model's own. */
  settings: jsonObjectSchema.optional(),
  reason: reason.optional(),
});
export type NewRollout = z.infer<typeof newRolloutSchema>;

/** Body of `POST /api/admin/rollouts/{id}/{pause|resume|promote|rollback|abort}`. */
export const rolloutDecisionSchema = z.strictObject({
  reason: reason.optional(),
  /** Of the state that the decision was made on: when it has moved since, the answer is 409 and nothing is done. */
  revision: z.int().min(1).optional(),
});
export type RolloutDecision = z.infer<typeof rolloutDecisionSchema>;

/** Query of `GET /api/admin/rollouts`. */
export const rolloutQuerySchema = z.object({
  model: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().min(1).max(100).optional(),
});

/** Body of `POST /api/admin/rollouts/plan`. */
export const forecastRequestSchema = z.strictObject({
  model: z.string().min(1).max(64),
  settings: jsonObjectSchema.optional(),
  /** Absent: what was seen in the last minutes or hour. */
  requestsPerMinute: z.number().min(0).max(1e9).optional(),
});
export type ForecastRequest = z.infer<typeof forecastRequestSchema>;

/** Null stands for what never comes. */
const minutes = z.number().nullable();
const needSchema = z.object({ units: minutes, minutes });

/** Answer of `POST /api/admin/rollouts/plan`. */
export const rolloutForecastSchema = z.object({
  model: z.string(),
  requestsPerMinute: z.number(),
  trafficFrom: z.enum(['given', 'last-5-minutes', 'last-hour']),
  strategy: strategySchema,
  deadlineHours: z.number(),
  gates: z.array(
    z.object({
      gate: z.string(),
      weight: z.number(),
      unit: z.string(),
      toFail: z.object({ double: needSchema, detect: needSchema }).nullable(),
      toProve: needSchema.nullable(),
    }),
  ),
  steps: z.array(z.object({ weight: z.number(), minutes, slowest: z.string().nullable() })),
  minutes,
  fitsDeadline: z.boolean(),
  proposal: z.object({ steps: z.array(z.number()), minutes: z.number() }).nullable(),
  sentences: z.array(z.string()),
});
export type RolloutForecastView = z.infer<typeof rolloutForecastSchema>;
