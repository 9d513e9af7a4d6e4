import type { Scope } from '@scarmonit/core/keys/api-key';
import { z } from 'zod';

export const scopeSchema = z.enum(['infer', 'read', 'admin']) satisfies z.ZodType<Scope>;

/** A key as the API shows it: never its secret or its hash. Times are milliseconds since the Unix epoch. */
export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters of the secret, so that people can tell keys apart. */
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  /** Models it may ask for; null: all. */
  models: z.array(z.string()).nullable(),
  requestsPerMinute: z.int().nullable(),
  tokensPerMinute: z.int().nullable(),
  createdAt: z.int(),
  expiresAt: z.int().nullable(),
  revokedAt: z.int().nullable(),
});
export type Key = z.infer<typeof keySchema>;

/** `GET /api/admin/keys`. */
export const keyListSchema = z.object({ data: z.array(keySchema) });
export type KeyList = z.infer<typeof keyListSchema>;

/** Body of `POST /api/admin/keys`. Unknown fields are refused: a misspelt limit would be no limit. */
export const newKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(scopeSchema).min(1),
  models: z.array(z.string().min(1)).min(1).nullish(),
  requestsPerMinute: z.int().min(1).nullish(),
  tokensPerMinute: z.int().min(1).nullish(),
  expiresAt: z.int().min(1).nullish(),
});
export type NewKey = z.infer<typeof newKeySchema>;

/** Answer of `POST /api/admin/keys`; the only time that the secret is shown. */
export const createdKeySchema = z.object({ key: keySchema, secret: z.string() });
export type CreatedKey = z.infer<typeof createdKeySchema>;
