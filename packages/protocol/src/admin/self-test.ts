import { z } from 'zod';

/** `POST /api/admin/rollouts/self-test`: what became of each planted version. */
export const selfTestReportSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      planted: z.string(),
      expected: z.string(),
      /** The phase in which its rollout ended, or stood when the test gave up. */
      outcome: z.string(),
      /** Ids of the gates that stopped it, `crashes`, or null. */
      gate: z.string().nullable(),
      requests: z.int(),
      passed: z.boolean(),
    }),
  ),
  passed: z.boolean(),
});
export type SelfTestReportView = z.infer<typeof selfTestReportSchema>;
