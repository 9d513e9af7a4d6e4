import { z } from 'zod';

/** `GET /healthz`: the process answers. */
export const healthSchema = z.object({ status: z.literal('ok') });
export type Health = z.infer<typeof healthSchema>;

/** `GET /readyz`: 200 when ready, 503 when not; `reasons` are in words fit for the public. */
export const readinessSchema = z.object({ status: z.enum(['ready', 'not_ready']), reasons: z.array(z.string()) });
export type Readiness = z.infer<typeof readinessSchema>;
