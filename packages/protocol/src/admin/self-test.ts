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
      /** What its rollout says of its last move, in a sentence. */
      reason: z.string(),
      requests: z.int(),
      /** Time that passed in the sandbox. */
      elapsedMs: z.number(),
      /** That its rollout left; each was verified. */
      receipts: z.int(),
      passed: z.boolean(),
    }),
  ),
  /** What the rollouts were written to. */
  store: z.string(),
  seed: z.int(),
  /** Time that passed on the host. */
  tookMs: z.int(),
  passed: z.boolean(),
});
export type SelfTestReportView = z.infer<typeof selfTestReportSchema>;

/** Query of `POST /api/admin/rollouts/self-test`. */
export const selfTestQuerySchema = z.object({
  /** Answers with a stream of server-sent events, each a {@link selfTestEventSchema}; the report is the last one. */
  stream: z.stringbool().default(false),
});

/** How far it is: the planted version whose rollout runs, and the requests that it has seen. */
const progressSchema = z.object({
  type: z.literal('progress'),
  name: z.string(),
  number: z.int(),
  of: z.int(),
  requests: z.int(),
});

export const selfTestEventSchema = z.discriminatedUnion('type', [
  progressSchema,
  z.object({ type: z.literal('report'), report: selfTestReportSchema }),
]);
export type SelfTestEvent = z.infer<typeof selfTestEventSchema>;
