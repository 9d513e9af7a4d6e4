import { z } from 'zod';
import { tokenLogprobSchema } from './chat-completion.ts';
import { responseTextFormatSchema, responseToolChoiceSchema, responseToolSchema } from './response-request.ts';

export const responseStatusSchema = z.enum(['in_progress', 'completed', 'incomplete', 'failed']);

const itemStatusSchema = z.enum(['in_progress', 'completed', 'incomplete']);

export const outputTextSchema = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(tokenLogprobSchema),
});
export type OutputText = z.infer<typeof outputTextSchema>;

export const outputMessageSchema = z.object({
  id: z.string(),
  type: z.literal('message'),
  status: itemStatusSchema,
  role: z.literal('assistant'),
  content: z.array(outputTextSchema),
});
export type OutputMessage = z.infer<typeof outputMessageSchema>;

export const functionCallItemSchema = z.object({
  id: z.string(),
  type: z.literal('function_call'),
  status: itemStatusSchema,
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
export type FunctionCallItem = z.infer<typeof functionCallItemSchema>;

export const outputItemSchema = z.discriminatedUnion('type', [outputMessageSchema, functionCallItemSchema]);
export type OutputItem = z.infer<typeof outputItemSchema>;

export const responseUsageSchema = z.object({
  input_tokens: z.int().min(0),
  input_tokens_details: z.object({ cached_tokens: z.int().min(0), cache_write_tokens: z.int().min(0) }),
  output_tokens: z.int().min(0),
  output_tokens_details: z.object({ reasoning_tokens: z.int().min(0) }),
  total_tokens: z.int().min(0),
});
export type ResponseUsage = z.infer<typeof responseUsageSchema>;

/** Answer of `POST /v1/responses`, and the snapshot inside its lifecycle events. */
export const responseSchema = z.object({
  id: z.string(),
  object: z.literal('response'),
  /** Seconds since the Unix epoch. */
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: responseStatusSchema,
  background: z.literal(false),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  metadata: z.record(z.string(), z.string()),
  model: z.string(),
  output: z.array(outputItemSchema),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  reasoning: z.object({ effort: z.null(), summary: z.null() }),
  service_tier: z.literal('default'),
  store: z.literal(false),
  temperature: z.number().nullable(),
  text: z.object({ format: responseTextFormatSchema }),
  tool_choice: responseToolChoiceSchema,
  tools: z.array(responseToolSchema),
  top_logprobs: z.int(),
  top_p: z.number().nullable(),
  truncation: z.literal('disabled'),
  usage: responseUsageSchema.nullable(),
  user: z.string().nullable(),
});
export type ResponseObject = z.infer<typeof responseSchema>;

const at = { output_index: z.int(), item_id: z.string() };
const sequenced = { sequence_number: z.int().min(0) };

/** The events of a streamed response, in the forms that the official client's `ResponseStreamEvent` names. */
export const responseEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('response.created'), ...sequenced, response: responseSchema }),
  z.object({ type: z.literal('response.in_progress'), ...sequenced, response: responseSchema }),
  z.object({ type: z.literal('response.completed'), ...sequenced, response: responseSchema }),
  z.object({ type: z.literal('response.incomplete'), ...sequenced, response: responseSchema }),
  z.object({ type: z.literal('response.failed'), ...sequenced, response: responseSchema }),
  z.object({
    type: z.literal('response.output_item.added'),
    ...sequenced,
    output_index: z.int(),
    item: outputItemSchema,
  }),
  z.object({
    type: z.literal('response.output_item.done'),
    ...sequenced,
    output_index: z.int(),
    item: outputItemSchema,
  }),
  z.object({
    type: z.literal('response.content_part.added'),
    ...sequenced,
    ...at,
    content_index: z.int(),
    part: outputTextSchema,
  }),
  z.object({
    type: z.literal('response.content_part.done'),
    ...sequenced,
    ...at,
    content_index: z.int(),
    part: outputTextSchema,
  }),
  z.object({
    type: z.literal('response.output_text.delta'),
    ...sequenced,
    ...at,
    content_index: z.int(),
    delta: z.string(),
    logprobs: z.array(tokenLogprobSchema),
  }),
  z.object({
    type: z.literal('response.output_text.done'),
    ...sequenced,
    ...at,
    content_index: z.int(),
    text: z.string(),
    logprobs: z.array(tokenLogprobSchema),
  }),
  z.object({ type: z.literal('response.function_call_arguments.delta'), ...sequenced, ...at, delta: z.string() }),
  z.object({
    type: z.literal('response.function_call_arguments.done'),
    ...sequenced,
    ...at,
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal('error'),
    ...sequenced,
    code: z.string().nullable(),
    message: z.string(),
    param: z.string().nullable(),
  }),
]);
export type ResponseEvent = z.infer<typeof responseEventSchema>;
