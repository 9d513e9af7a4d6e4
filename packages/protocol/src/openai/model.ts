import { z } from 'zod';

/** `GET /v1/models/{id}`. */
export const modelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  /** Seconds since the Unix epoch. */
  created: z.int(),
  owned_by: z.string(),
});
export type Model = z.infer<typeof modelSchema>;

/** `GET /v1/models`. */
export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) });
export type ModelList = z.infer<typeof modelListSchema>;
