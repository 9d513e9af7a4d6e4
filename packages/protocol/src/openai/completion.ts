import { z } from 'zod';
import { samplingFields } from './sampling.ts';
import { completionUsageSchema } from './usage.ts';

/** Body of `POST /v1/completions`. Source: the official client's `CompletionCreateParams`. */
export const completionRequestSchema = z.looseObject({
  ...samplingFields,
  model: z.string().min(1),
  /** A text, several texts, token ids, or several lists of token ids. */
  prompt: z.union([
    z.string(),
    z.array(z.string()).min(1).max(128),
    z.array(z.int().min(0)).min(1),
    z
      .array(z.array(z.int().min(0)).min(1))
      .min(1)
      .max(128),
  ]),
  best_of: z.int().min(1).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  suffix: z.string().nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** Log-probabilities in the older, column-wise form. */
export const completionLogprobsSchema = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number()),
  top_logprobs: z.array(z.record(z.string(), z.number())).nullable(),
  text_offset: z.array(z.int()),
});
export type CompletionLogprobs = z.infer<typeof completionLogprobsSchema>;

/** Answer of `POST /v1/completions`, and, with nullable reason and usage, each event of its stream. */
export const completionSchema = z.object({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
  choices: z.array(
    z.object({
      text: z.string(),
      index: z.int(),
      logprobs: completionLogprobsSchema.nullable(),
      finish_reason: z.enum(['stop', 'length', 'content_filter']).nullable(),
    }),
  ),
  usage: completionUsageSchema.nullable().optional(),
});
export type Completion = z.infer<typeof completionSchema>;
