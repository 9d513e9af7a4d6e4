import { z } from 'zod';
import { functionNameSchema, jsonObjectSchema } from './function-tool.ts';

export const responseContentPartSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
});
export type ResponseContentPart = z.infer<typeof responseContentPartSchema>;

/**
 * One input item. `type` is optional on messages; which fields a type needs is checked by the server, which names
 * the one that is missing and refuses the types that it cannot serve.
 */
export const responseInputItemSchema = z.looseObject({
  type: z.string().nullish(),
  role: z.enum(['system', 'developer', 'user', 'assistant']).optional(),
  content: z.union([z.string(), z.array(responseContentPartSchema)]).nullish(),
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
  output: z.union([z.string(), z.array(responseContentPartSchema)]).optional(),
});
export type ResponseInputItem = z.infer<typeof responseInputItemSchema>;

export const responseTextFormatSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: functionNameSchema,
    schema: jsonObjectSchema,
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

export const responseToolSchema = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().nullish(),
  parameters: jsonObjectSchema.nullish(),
  strict: z.boolean().nullish(),
});

export const responseToolChoiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.string(), name: z.string().optional() }),
]);

/** Body of `POST /v1/responses`. Source: the official client's `ResponseCreateParams`. */
export const responseRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(responseInputItemSchema).min(1)]),
  instructions: z.string().nullish(),
  include: z.array(z.string()).nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  text: z.looseObject({ format: responseTextFormatSchema.nullish() }).nullish(),
  tools: z.array(responseToolSchema).max(128).nullish(),
  tool_choice: responseToolChoiceSchema.nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  user: z.string().nullish(),
  /** Fields of stored conversations. This API keeps none, so the server refuses all but their defaults. */
  background: z.boolean().nullish(),
  conversation: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
  previous_response_id: z.string().nullish(),
  prompt: jsonObjectSchema.nullish(),
});
export type ResponseRequest = z.infer<typeof responseRequestSchema>;
