import { z } from 'zod';
import { embeddingRequestSchema, textInputSchema } from '../openai/embedding.ts';
import { inputUsageSchema } from '../openai/usage.ts';

/** `?task=` of `POST /api/infer`; absent means `chat`. */
export const inferTaskSchema = z.enum(['chat', 'embedding', 'classification']);
export type InferTask = z.infer<typeof inferTaskSchema>;

/** Body for `task=embedding`: `input` as in `/v1/embeddings`, or `text` as Workers AI calls it. */
export const inferEmbeddingRequestSchema = embeddingRequestSchema.extend({
  model: z.string().min(1).nullish(),
  input: textInputSchema.optional(),
  text: textInputSchema.optional(),
});
export type InferEmbeddingRequest = z.infer<typeof inferEmbeddingRequestSchema>;

/** Body for `task=classification`. */
export const classificationRequestSchema = z.looseObject({
  model: z.string().min(1).nullish(),
  input: textInputSchema.optional(),
  text: textInputSchema.optional(),
});
export type ClassificationRequest = z.infer<typeof classificationRequestSchema>;

/** Answer for `task=classification`: for each input the likeliest label, and all of them, likeliest first. */
export const classificationListSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('classification'),
      index: z.int(),
      label: z.string(),
      score: z.number(),
      labels: z.array(z.object({ label: z.string(), score: z.number() })),
    }),
  ),
  model: z.string(),
  usage: inputUsageSchema,
});
export type ClassificationList = z.infer<typeof classificationListSchema>;

/** Query of `POST /api/infer`. */
export const inferQuerySchema = z.object({ task: inferTaskSchema.default('chat') });
