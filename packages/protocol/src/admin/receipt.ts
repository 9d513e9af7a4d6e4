import type { ReceiptKind } from '@scarmonit/core/receipts/receipt';
import type { ReceiptProblem } from '@scarmonit/core/services/agent-services';
import { z } from 'zod';
import { jsonObjectSchema } from '../openai/function-tool.ts';

const receiptKindSchema = z.enum([
  'gate',
  'rollout',
  'traffic',
  'validation',
  'assessment',
  'stress',
  'alert-test',
  'probe',
  'self-test',
]) satisfies z.ZodType<ReceiptKind>;

/** A link of the chain, as it is stored. */
export const receiptSchema = z.object({
  projectId: z.string(),
  sequence: z.int(),
  kind: receiptKindSchema,
  model: z.string(),
  version: z.string(),
  versionDigest: z.string(),
  rolloutId: z.string().nullable(),
  body: jsonObjectSchema,
  createdAt: z.int(),
  previousHash: z.string(),
  hash: z.string(),
});
export type ReceiptView = z.infer<typeof receiptSchema>;

/** Query of `GET /api/admin/receipts`. */
export const receiptQuerySchema = z.object({
  model: z.string().min(1).max(64).optional(),
  version: z.string().min(1).max(64).optional(),
  versionDigest: z.string().min(1).max(64).optional(),
  rolloutId: z.string().min(1).max(100).optional(),
  kind: receiptKindSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** The `nextBefore` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
});

/** `GET /api/admin/receipts`, newest first. */
export const receiptPageSchema = z.object({ data: z.array(receiptSchema), nextBefore: z.int().nullable() });
export type ReceiptPage = z.infer<typeof receiptPageSchema>;

/** A signed statement of how long the chain was and in which hash it ended. */
export const receiptHeadSchema = z.object({
  projectId: z.string(),
  sequence: z.int(),
  hash: z.string(),
  createdAt: z.int(),
  keyId: z.string(),
  signature: z.string(),
});
export type ReceiptHeadView = z.infer<typeof receiptHeadSchema>;

/** `GET /api/admin/receipts/heads`, oldest first. */
export const receiptHeadListSchema = z.object({ data: z.array(receiptHeadSchema) });
export type ReceiptHeadList = z.infer<typeof receiptHeadListSchema>;

/** Query of `GET /api/admin/receipts/verify`. */
export const verifyQuerySchema = z.object({ recompute: z.stringbool().default(false) });

/** Body of `POST /api/admin/receipts/verify`. */
export const verifyRequestSchema = z.strictObject({
  /** Heads that were kept outside of the store: they show a tail that was cut off. */
  heads: z.array(receiptHeadSchema).max(1000),
  /** Calculates the verdict of each gate again. */
  recompute: z.boolean().default(false),
});
export type VerifyRequest = z.input<typeof verifyRequestSchema>;

/** What a check of the chain found. */
export const receiptReportSchema = z.object({
  receipts: z.int(),
  heads: z.int(),
  last: z.object({ sequence: z.int(), hash: z.string() }).nullable(),
  recomputed: z.int(),
  /** Of the key that this server signs with. */
  keyId: z.string(),
  problems: z.array(
    z.object({
      sequence: z.int(),
      kind: z.enum([
        'edited',
        'missing',
        'reordered',
        'broken-link',
        'bad-signature',
        'unknown-key',
        'head-mismatch',
        'cut-off',
        'wrong-verdict',
      ]) satisfies z.ZodType<ReceiptProblem['kind']>,
      message: z.string(),
    }),
  ),
});
export type ReceiptReportView = z.infer<typeof receiptReportSchema>;
