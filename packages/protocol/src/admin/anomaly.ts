import { z } from 'zod';

/** What a model or a key was seen to do that it does not usually do. */
export const anomalySchema = z.object({
  id: z.string(),
  /** What behaved unusually: `model` of all keys together, or one `key`. */
  kind: z.enum(['model', 'key']),
  /** The model's name, or the key's id. */
  subject: z.string(),
  /** For people: the model's name, or the key's prefix. */
  label: z.string(),
  /** Requests in five minutes, the share of errors (0…1), tokens a request, or the median latency in milliseconds. */
  measure: z.enum(['requests', 'errors', 'tokens', 'latency']),
  direction: z.enum(['above', 'below']),
  /** What was seen in the most unusual five minutes of it. */
  value: z.number(),
  /** What is usual at that time. */
  usual: z.number(),
  /** How many times as much as usual; below 1 where it is less. Null where nothing is usual. */
  factor: z.number().nullable(),
  /** One sentence for people, such as `key sk-ab12 made 41× its usual requests: 1,230 in 5 minutes, usually 30`. */
  summary: z.string(),
  /** When its first five minutes began; milliseconds since the Unix epoch, as all times. */
  since: z.int(),
  /** When it was over; null while it goes on. */
  until: z.int().nullable(),
});
export type AnomalyView = z.infer<typeof anomalySchema>;

/** `GET /api/admin/anomalies`: newest first. */
export const anomalyPageSchema = z.object({
  data: z.array(anomalySchema),
  /** How many go on now, whatever the filter. */
  open: z.int(),
  /** `before` of the next page; null on the last. */
  nextBefore: z.string().nullable(),
});
export type AnomalyPage = z.infer<typeof anomalyPageSchema>;

/** Query of `GET /api/admin/anomalies`. */
export const anomalyQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** Only those that go on now. */
  open: z.enum(['true', 'false']).optional(),
  kind: z.enum(['model', 'key']).optional(),
  /** A model's name or a key's id; with `kind`. */
  subject: z.string().min(1).max(128).optional(),
  /** The `nextBefore` of the page before. */
  before: z.string().min(1).max(128).optional(),
});
