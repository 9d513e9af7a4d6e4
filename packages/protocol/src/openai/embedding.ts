import { z } from 'zod';
import { inputUsageSchema } from './usage.ts';

/** A text, several texts, token ids, or several lists of token ids; none of them empty. */
export const textInputSchema = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).min(1).max(2048),
  z.array(z.int().min(0)).min(1),
  z
    .array(z.array(z.int().min(0)).min(1))
    .min(1)
    .max(2048),
]);
export type TextInputParam = z.infer<typeof textInputSchema>;

/** Body of `POST /v1/embeddings`. Source: the official client's `EmbeddingCreateParams`. */
export const embeddingRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: textInputSchema,
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  user: z.string().nullish(),
});
export type EmbeddingRequest = z.infer<typeof embeddingRequestSchema>;

/** Answer of `POST /v1/embeddings`. */
export const embeddingListSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      /** Numbers, or with `base64` the bytes of little-endian 32-bit floats. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: inputUsageSchema,
});
export type EmbeddingList = z.infer<typeof embeddingListSchema>;
