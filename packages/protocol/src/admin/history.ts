import { z } from 'zod';
import { trafficSchema } from './rollout.ts';

/** Query of `GET /api/admin/models/{name}/history`. */
export const historyQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** Milliseconds since the Unix epoch: the first row is then what served at that time. */
  at: z.coerce.number().int().min(0).optional(),
  /** The `nextBefore` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
});

/** `GET /api/admin/models/{name}/history`: who served a model, newest first. */
export const historyPageSchema = z.object({
  model: z.string(),
  data: z.array(trafficSchema),
  nextBefore: z.int().nullable(),
});
export type HistoryPage = z.infer<typeof historyPageSchema>;
