import { z } from 'zod';
import { keySchema } from './key.ts';

/** Body of `POST /api/admin/session`. The answer sets the cookie of the session. */
export const signInSchema = z.strictObject({ key: z.string().trim().min(1).max(1000) });

/** `GET /api/admin/session`, and the answer of signing in: who is signed in, and where. */
export const sessionSchema = z.object({
  key: keySchema,
  host: z.enum(['node', 'cloudflare']),
  project: z.string(),
});
export type SessionView = z.infer<typeof sessionSchema>;

/** Answer of `DELETE /api/admin/session`. */
export const signedOutSchema = z.object({ signedOut: z.literal(true) });

/** Each `data:` of `GET /api/admin/events`: what has changed since the event before. */
export const changeEventSchema = z.object({
  topics: z.array(z.enum(['requests', 'rollouts', 'receipts', 'keys', 'models', 'alerts', 'anomalies', 'drift'])),
});
export type ChangeEvent = z.infer<typeof changeEventSchema>;
