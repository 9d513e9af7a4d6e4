import { z } from 'zod';
import { windowSchema } from './overview.ts';

/** What happened in one step of a series. Null: nothing to tell it from. */
export const metricsPointSchema = z.object({
  /** All that reached the model, however they ended. */
  requests: z.int(),
  /** Of those that the model had to answer, 0…1. */
  errorRate: z.number().nullable(),
  latencyP50Ms: z.number().nullable(),
  latencyP95Ms: z.number().nullable(),
  latencyP99Ms: z.number().nullable(),
  firstTokenP95Ms: z.number().nullable(),
});
export type MetricsPointView = z.infer<typeof metricsPointSchema>;

/** `GET /api/admin/metrics/series`: a model's figures over time. */
export const metricsSeriesSchema = z.object({
  /** Milliseconds since the Unix epoch; `to` is excluded. */
  from: z.int(),
  to: z.int(),
  stepMs: z.int(),
  /** When each step begins. */
  times: z.array(z.int()),
  /** One line for all versions, or one for each that got requests; a point for each of `times`. */
  lines: z.array(
    z.object({
      /** Null: all versions together. */
      version: z.string().nullable(),
      points: z.array(metricsPointSchema),
    }),
  ),
});
export type MetricsSeriesView = z.infer<typeof metricsSeriesSchema>;

/** Query of `GET /api/admin/metrics/series`. */
export const metricsSeriesQuerySchema = z.object({
  model: z.string().min(1).max(64),
  window: windowSchema.default('1h'),
  /** Absent: all versions together. */
  by: z.enum(['version']).optional(),
});
