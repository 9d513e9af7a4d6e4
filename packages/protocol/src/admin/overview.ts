import type { FigureName } from '@scarmonit/core/metrics/overview';
import type { RefusalReason } from '@scarmonit/core/metrics/refusals';
import { z } from 'zod';
import { taskSchema } from './model.ts';

/** A figure, or with `value: null` why there is none. */
export const figureSchema = z.union([
  z.object({
    value: z.number(),
    /** Of 95 %, for shares of a sample. */
    interval: z.object({ low: z.number(), high: z.number() }).nullable(),
    /** How many requests, answers or users it is made of. */
    samples: z.int(),
  }),
  z.object({
    value: z.null(),
    /** One sentence for people, which says what to do about it. */
    reason: z.string(),
  }),
]);
export type FigureView = z.infer<typeof figureSchema>;

/** A goal beside its figure. */
export const figureGoalSchema = z.object({
  target: z.number(),
  /** Null while the figure is unknown, and for goals that observed traffic cannot judge. */
  isMet: z.boolean().nullable(),
  /**
   * The share of the 30 days' error budget that is left: 1 unused, 0 used up, below 0 overspent. Null for goals that have
   * none.
   */
  budgetLeft: z.number().nullable(),
});
export type FigureGoalView = z.infer<typeof figureGoalSchema>;

export const figureReportSchema = z.object({
  figure: figureSchema,
  goal: figureGoalSchema.nullable(),
  /** A value for each step of the window, null where there is none in it. Null for figures without a series. */
  series: z.array(z.number().nullable()).nullable(),
});
export type FigureReportView = z.infer<typeof figureReportSchema>;

/** Shares are 0…1, times milliseconds since the Unix epoch. Uptime, feedback and budgets are of the last 30 days. */
const figuresSchema = z.object({
  latencyP95Ms: figureReportSchema,
  firstTokenP95Ms: figureReportSchema,
  errorRate: figureReportSchema,
  throughputRps: figureReportSchema,
  accuracy: figureReportSchema,
  satisfaction: figureReportSchema,
  taskCompletion: figureReportSchema,
  costPerRequestUsd: figureReportSchema,
  uptime: figureReportSchema,
  /** Distinct end users of the last five minutes, and of the last 24 hours. */
  activeUsers5m: figureReportSchema,
  activeUsers24h: figureReportSchema,
} satisfies Record<FigureName, typeof figureReportSchema>);

/** What a model is worth at a glance. */
export const modelOverviewSchema = z.object({
  model: z.string(),
  task: taskSchema,
  stable: z.string(),
  candidate: z.string().nullable(),
  /** The candidate's share, 0…1. */
  weight: z.number(),
  /** When what it serves last changed, and by whom. */
  updatedAt: z.int(),
  updatedBy: z.string(),
  figures: figuresSchema,
  /** Those that got requests in the window. */
  versions: z.array(
    z.object({
      version: z.string(),
      requests: z.int(),
      latencyP95Ms: figureSchema,
      errorRate: figureSchema,
      accuracy: figureSchema,
    }),
  ),
});
export type ModelOverviewView = z.infer<typeof modelOverviewSchema>;

/** Requests by why they were refused, in the words of the errors that their clients got. */
export const refusalsSchema = z.object({
  /** No key, or none that is valid. */
  unauthenticated: z.int(),
  /** A key that may not do this. */
  forbidden: z.int(),
  /** A key whose allowance of the minute is used up. */
  rate_limited: z.int(),
  /** A model that is not there, or not for this key. */
  unknown_model: z.int(),
  /** A pinned version that is not there. */
  unknown_version: z.int(),
  /** A body that makes no sense. */
  invalid_request: z.int(),
  payload_too_large: z.int(),
} satisfies Record<RefusalReason, z.ZodInt>);
export type RefusalsView = z.infer<typeof refusalsSchema>;

/** `GET /api/admin/overview`. */
export const overviewSchema = z.object({
  /** The window is of whole minutes (hours, days, where it is long): `from` included, `to` excluded. */
  from: z.int(),
  to: z.int(),
  /** Value number i of a series is of `from + i · stepMs` and the step after it. */
  stepMs: z.int(),
  models: z.array(modelOverviewSchema),
  /**
   * How many requests of the window were refused before a version was chosen, by reason; they are in no other figure. Null
   * where one model was asked for: what reaches no model belongs to none.
   */
  refused: refusalsSchema.nullable(),
});
export type OverviewView = z.infer<typeof overviewSchema>;

/** A length of time that ends now: a whole number and `m`, `h` or `d`. */
export const windowSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,3}[mhd]$/, 'must be a length of time such as 15m, 24h or 30d');

/** Query of `GET /api/admin/overview`. */
export const overviewQuerySchema = z.object({
  /** Absent: every model. */
  model: z.string().min(1).max(64).optional(),
  window: windowSchema.default('1h'),
});
