import type { VersionStatus } from '@scarmonit/core/ports/version-status-repository';
import { z } from 'zod';
import { jsonObjectSchema } from '../openai/function-tool.ts';
import { versionStateSchema } from './model.ts';

/** A version as the registry knows it. Times are milliseconds since the Unix epoch. */
export const versionRecordSchema = z.object({
  model: z.string(),
  version: z.string(),
  status: z.enum(['testing', 'active', 'deprecated']) satisfies z.ZodType<VersionStatus>,
  /** Lower-case hex SHA-256 of what makes it that version. */
  digest: z.string(),
  createdAt: z.int(),
  alias: z.enum(['stable', 'candidate']).nullable(),
  /** Null while it is not live here. */
  state: versionStateSchema.nullable(),
  deprecation: z
    .object({ since: z.int(), sunsetAt: z.int().nullable(), decidedBy: z.string(), reason: z.string() })
    .nullable(),
  /** How often its status was decided. */
  revision: z.int(),
  declaration: jsonObjectSchema.nullable(),
  card: jsonObjectSchema.nullable(),
});
export type VersionRecordView = z.infer<typeof versionRecordSchema>;

/** `GET /api/admin/models/{name}/versions`. */
export const versionRecordListSchema = z.object({ data: z.array(versionRecordSchema) });
export type VersionRecordList = z.infer<typeof versionRecordListSchema>;

/** Body of `POST /api/admin/models/{name}/versions/{version}/deprecation`. */
export const deprecationSchema = z.strictObject({
  /** False takes the version back into use. */
  deprecated: z.boolean().default(true),
  reason: z.string().trim().max(500).optional(),
  /** When it will stop to answer. */
  sunsetAt: z.int().min(1).optional(),
  /** The `revision` that the decision was made on: 409 when somebody decided since. */
  revision: z.int().min(0).optional(),
});
export type DeprecationRequest = z.input<typeof deprecationSchema>;
