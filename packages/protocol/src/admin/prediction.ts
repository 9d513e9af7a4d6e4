import type { Outcome } from '@scarmonit/core/ports/prediction-repository';
import { z } from 'zod';

export const outcomeSchema = z.enum([
  'ok',
  'client_error',
  'error',
  'timeout',
  'cancelled',
  'limited',
]) satisfies z.ZodType<Outcome>;

/** One request as it was recorded: figures only. */
export const predictionSchema = z.object({
  id: z.string(),
  /** As `x-request-id` told it. A request that fell back has several records. */
  requestId: z.string(),
  /** Milliseconds since the Unix epoch. */
  createdAt: z.int(),
  keyId: z.string(),
  model: z.string(),
  version: z.string(),
  route: z.string(),
  outcome: outcomeSchema,
  status: z.int(),
  stream: z.boolean(),
  latencyMs: z.number(),
  firstTokenMs: z.number().nullable(),
  queueMs: z.number().nullable(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: z.number(),
});
export type PredictionView = z.infer<typeof predictionSchema>;

/** `GET /api/admin/predictions`, newest first. */
export const predictionPageSchema = z.object({
  /** May be fewer than asked for, even none, although there are more: of rare ones a page looks so far and no further. */
  data: z.array(predictionSchema),
  /** What to send as `before` for the next page; null when this is the last. */
  nextBefore: z.string().nullable(),
});
export type PredictionPage = z.infer<typeof predictionPageSchema>;

/** `GET /api/admin/summary`: figures by model, version and outcome since a time. */
export const summarySchema = z.object({
  since: z.int(),
  data: z.array(
    z.object({
      model: z.string(),
      version: z.string(),
      outcome: outcomeSchema,
      requests: z.int(),
      inputTokens: z.int(),
      outputTokens: z.int(),
      costUsd: z.number(),
    }),
  ),
});
export type Summary = z.infer<typeof summarySchema>;

const name = z.string().min(1).max(256);
const time = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Which requests; all that is given must hold. Without a filter: every one. */
export const predictionFilterSchema = z.object({
  model: name.optional(),
  version: name.optional(),
  outcome: outcomeSchema.optional(),
  /** Id of the key that asked. */
  keyId: name.optional(),
  requestId: name.optional(),
  /** Began at this time or later; milliseconds since the Unix epoch. */
  since: time.optional(),
  /** Began before this time. */
  until: time.optional(),
  /** Took at least so long. */
  minLatencyMs: z.coerce.number().min(0).optional(),
});
export type PredictionFilterQuery = z.infer<typeof predictionFilterSchema>;

/** Query of `GET /api/admin/predictions`. */
export const predictionQuerySchema = predictionFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** The `nextBefore` of the page before: older ones. */
  before: z.string().min(1).max(100).optional(),
  /** The id of a record: only those that were made after it. */
  after: z.string().min(1).max(100).optional(),
});

/** Query of `GET /api/admin/predictions/export`. */
export const predictionExportQuerySchema = predictionFilterSchema.extend({
  /** `ndjson`: a line of JSON each, as in a page's `data`; `csv`: for spreadsheets (RFC 4180), times as ISO 8601. */
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
});
export type ExportFormat = z.infer<typeof predictionExportQuerySchema>['format'];

/** Query of `GET /api/admin/summary`; `since` in milliseconds since the Unix epoch, by default a day ago. */
export const summaryQuerySchema = z.object({ since: z.coerce.number().int().min(0).optional() });
