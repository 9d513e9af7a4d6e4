import { z } from 'zod';
import { completionUsageSchema } from './usage.ts';

const tokenLogprobFields = { token: z.string(), logprob: z.number(), bytes: z.array(z.int()).nullable() };

export const tokenLogprobSchema = z.object({
  ...tokenLogprobFields,
  top_logprobs: z.array(z.object(tokenLogprobFields)),
});
export type WireTokenLogprob = z.infer<typeof tokenLogprobSchema>;

export const chatLogprobsSchema = z.object({ content: z.array(tokenLogprobSchema).nullable(), refusal: z.null() });

export const chatToolCallSchema = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const servedByFields = {
  service_tier: z.string().nullable().optional(),
  system_fingerprint: z.string().nullable().optional(),
};

export const chatFinishReasonSchema = z.enum(['stop', 'length', 'tool_calls', 'content_filter']);

/**
 * Answer of `POST /v1/chat/completions` without `stream`. What is optional is there whenever a runtime here answers; an
 * upstream's answer is passed on as it is, and many leave these fields out.
 */
export const chatCompletionSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  /** Seconds since the Unix epoch. */
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable().optional(),
        annotations: z.array(z.unknown()).optional(),
        tool_calls: z.array(chatToolCallSchema).optional(),
      }),
      logprobs: chatLogprobsSchema.nullable().optional(),
      finish_reason: chatFinishReasonSchema,
    }),
  ),
  usage: completionUsageSchema.optional(),
  ...servedByFields,
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

/** One event of the stream. `usage` is there only with `stream_options.include_usage`. */
export const chatCompletionChunkSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  ...servedByFields,
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({
        role: z.literal('assistant').optional(),
        content: z.string().nullable().optional(),
        refusal: z.string().nullable().optional(),
        tool_calls: z
          .array(
            z.object({
              index: z.int(),
              id: z.string().optional(),
              type: z.literal('function').optional(),
              function: z.object({ name: z.string().optional(), arguments: z.string() }),
            }),
          )
          .optional(),
      }),
      logprobs: chatLogprobsSchema.nullable().optional(),
      finish_reason: chatFinishReasonSchema.nullable().optional(),
    }),
  ),
  usage: completionUsageSchema.nullable().optional(),
});
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>;
