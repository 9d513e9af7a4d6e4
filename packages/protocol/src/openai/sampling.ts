import { z } from 'zod';

/** Fields that chat and text completions share, with OpenAI's ranges. `null` means the same as absent. */
export const samplingFields = {
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
  max_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  /** Not OpenAI's; known from other servers. */
  top_k: z.int().min(0).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().nullish(),
};
