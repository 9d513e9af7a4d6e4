import { z } from 'zod';

/** Token counts of chat and text completions. Upstreams leave details out; runtimes here tell all of them. */
export const completionUsageSchema = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
  prompt_tokens_details: z
    .object({ cached_tokens: z.int().min(0), audio_tokens: z.int().min(0) })
    .partial()
    .nullish(),
  completion_tokens_details: z
    .object({
      reasoning_tokens: z.int().min(0),
      audio_tokens: z.int().min(0),
      accepted_prediction_tokens: z.int().min(0),
      rejected_prediction_tokens: z.int().min(0),
    })
    .partial()
    .nullish(),
});
export type CompletionUsage = z.infer<typeof completionUsageSchema>;

/** Token counts of embeddings and classifications, which generate nothing. */
export const inputUsageSchema = z.object({ prompt_tokens: z.int().min(0), total_tokens: z.int().min(0) });
export type InputUsage = z.infer<typeof inputUsageSchema>;
