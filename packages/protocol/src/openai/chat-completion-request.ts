import { z } from 'zod';
import { functionDefinitionSchema, functionNameSchema, jsonObjectSchema } from './function-tool.ts';
import { samplingFields } from './sampling.ts';

/** Parts other than `text` are well-formed on the wire; whether they can be served is told by the server. */
export const contentPartSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
});
export type ContentPart = z.infer<typeof contentPartSchema>;

/** What an assistant message says it called. `type` other than `function` is told apart by the server. */
export const messageToolCallSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

/** One message. Which fields a role needs is checked by the server, which names the one that is missing. */
export const chatMessageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(contentPartSchema)]).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(messageToolCallSchema).nullish(),
  tool_call_id: z.string().nullish(),
});
export type ChatMessageParam = z.infer<typeof chatMessageSchema>;

export const chatToolSchema = z.looseObject({ type: z.string(), function: functionDefinitionSchema.optional() });

export const chatToolChoiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }),
]);

export const chatResponseFormatSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: functionNameSchema,
      description: z.string().nullish(),
      schema: jsonObjectSchema.optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/**
 * Body of `POST /v1/chat/completions`: strict on the types of what it knows, loose on what it does not.
 * Source: the official client's `ChatCompletionCreateParams`.
 */
export const chatCompletionRequestSchema = z.looseObject({
  ...samplingFields,
  model: z.string().min(1),
  messages: z.array(chatMessageSchema).min(1),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  modalities: z.array(z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: chatResponseFormatSchema.nullish(),
  tools: z.array(chatToolSchema).max(128).nullish(),
  tool_choice: chatToolChoiceSchema.nullish(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequestSchema>;

/** The same where the task chooses the model: `/api/chat` and `/api/infer`. */
export const chatRequestSchema = chatCompletionRequestSchema.extend({ model: z.string().min(1).nullish() });
export type ChatRequest = z.infer<typeof chatRequestSchema>;
