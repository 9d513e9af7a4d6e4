import type { Prices, RuntimeName, Task } from '@scarmonit/core/registry/version-spec';
import type { VersionState } from '@scarmonit/core/services/agent-services';
import { z } from 'zod';
import { jsonObjectSchema } from '../openai/function-tool.ts';

export const taskSchema = z.enum(['chat', 'embedding', 'classification']) satisfies z.ZodType<Task>;
export const runtimeNameSchema = z.enum([
  'llama-cpp',
  'onnx',
  'openai-compatible',
  'workers-ai',
]) satisfies z.ZodType<RuntimeName>;
export const versionStateSchema = z.enum([
  'pending',
  'loading',
  'ready',
  'restarting',
  'draining',
  'unloaded',
  'failed',
]) satisfies z.ZodType<VersionState>;

export const pricesSchema = z.object({
  perRequestUsd: z.number(),
  inputPerMillionTokensUsd: z.number(),
  outputPerMillionTokensUsd: z.number(),
  perSecondUsd: z.number(),
}) satisfies z.ZodType<Prices>;

/** Live figures of a loaded version. */
export const engineStatsSchema = z.object({
  residentBytes: z.int(),
  running: z.int(),
  queued: z.int(),
  slots: z.int(),
  queueLimit: z.int(),
  /** Batch size → how many batches had it. */
  batchSizes: z.record(z.string(), z.int()),
  processId: z.int().nullable(),
  crashes: z.int(),
});
export type EngineStatsView = z.infer<typeof engineStatsSchema>;

export const versionViewSchema = z.object({
  version: z.string(),
  runtime: runtimeNameSchema,
  /** Of the artifact; null for versions that run elsewhere. */
  sha256: z.string().nullable(),
  state: versionStateSchema,
  reason: z.string().nullable(),
  options: jsonObjectSchema,
  prices: pricesSchema,
  /** Null while it is not loaded. */
  stats: engineStatsSchema.nullable(),
});
export type VersionView = z.infer<typeof versionViewSchema>;

/** `GET /api/admin/models/{name}`. */
export const modelViewSchema = z.object({
  name: z.string(),
  task: taskSchema,
  stable: z.string(),
  createdAt: z.int(),
  goals: z.record(z.string(), z.number()),
  versions: z.array(versionViewSchema),
});
export type ModelView = z.infer<typeof modelViewSchema>;

/** `GET /api/admin/models`. */
export const modelViewListSchema = z.object({ data: z.array(modelViewSchema) });
export type ModelViewList = z.infer<typeof modelViewListSchema>;
