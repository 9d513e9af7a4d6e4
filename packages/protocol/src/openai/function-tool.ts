import { z } from 'zod';

/** A JSON object whose meaning is somebody else's: a JSON Schema, metadata. */
export const jsonObjectSchema = z.record(z.string(), z.unknown());

/** Names of functions and response formats: letters, digits, `_` and `-`, 64 at the most. */
export const functionNameSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9_-]+$/);

/** What a function is, in the tools of chat completions. */
export const functionDefinitionSchema = z.looseObject({
  name: functionNameSchema,
  description: z.string().nullish(),
  parameters: jsonObjectSchema.nullish(),
  strict: z.boolean().nullish(),
});
