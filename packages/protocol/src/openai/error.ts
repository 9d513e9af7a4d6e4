import { z } from 'zod';

/**
 * The one shape of every error, in answers and inside streams.
 * Source: the OpenAI API reference, "Error codes", and the fields that the official client's `APIError` reads.
 */
export const errorBodySchema = z.object({
  message: z.string(),
  /** `invalid_request_error`, `server_error`, or for limits what ran out: `requests` or `tokens`. */
  type: z.string(),
  /** The field to change, such as `messages[0].role`. */
  param: z.string().nullable(),
  code: z.string().nullable(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

export const errorResponseSchema = z.object({ error: errorBodySchema });
export type ErrorResponse = z.infer<typeof errorResponseSchema>;
