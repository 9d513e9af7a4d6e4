import type { AlertKind, AlertSeverity, AlertState } from '@scarmonit/core/alerts/alert';
import type { ChannelKind } from '@scarmonit/core/ports/notifier';
import { z } from 'zod';

/** What a rule watches. `test` is planted by `POST /api/admin/alerts/test`. */
export const alertKindSchema = z.enum([
  'error-rate',
  'latency',
  'first-token',
  'no-traffic',
  'version-not-ready',
  'disk',
  'key-limit',
  'update-schedule',
  'review-schedule',
  'test',
]) satisfies z.ZodType<AlertKind>;

/** `page`: somebody must act now. `ticket`: somebody must act in the next days. */
export const alertSeveritySchema = z.enum(['page', 'ticket']) satisfies z.ZodType<AlertSeverity>;

/** `pending`: true, but not yet for long enough. `firing`: told to the channels. `resolved`: over. */
export const alertStateSchema = z.enum(['pending', 'firing', 'resolved']) satisfies z.ZodType<AlertState>;

const channelKindSchema = z.enum(['webhook', 'slack', 'email']) satisfies z.ZodType<ChannelKind>;

/** A way by which alerts leave. */
export const alertChannelSchema = z.object({
  channel: channelKindSchema,
  /** Where it leads: a host or an address, never a path or a secret. */
  target: z.string(),
});

/** What became of a notification in one channel. */
export const alertDeliverySchema = alertChannelSchema.extend({
  /** Whether the receiver has taken it. */
  delivered: z.boolean(),
  /** Why not, in words; null when it was delivered. */
  problem: z.string().nullable(),
});
export type AlertDeliveryView = z.infer<typeof alertDeliverySchema>;

/** An alert, from the moment that its condition became true. Times are milliseconds since the Unix epoch. */
export const alertSchema = z.object({
  id: z.string(),
  /** Of the rule: the same for each time that it fires, such as `error-rate/support-chat/page`. */
  rule: z.string(),
  kind: alertKindSchema,
  severity: alertSeveritySchema,
  state: alertStateSchema,
  /** Null for what concerns no model. */
  model: z.string().nullable(),
  version: z.string().nullable(),
  /** Id of the API key that it concerns. */
  keyId: z.string().nullable(),
  /** What it is about, in a few words: `support-chat: error rate`. */
  title: z.string(),
  /** One sentence with the figures. */
  summary: z.string(),
  /** What to do, in a sentence. */
  advice: z.string(),
  /** What the sentence was made of. A `share` is 0…1. */
  figures: z.array(
    z.object({
      name: z.string(),
      value: z.number(),
      unit: z.enum(['share', 'times', 'requests', 'tokens', 'milliseconds', 'bytes', 'days']),
    }),
  ),
  /** When its condition became true. */
  since: z.int(),
  firedAt: z.int().nullable(),
  resolvedAt: z.int().nullable(),
  /** When its figures were last looked at. */
  updatedAt: z.int(),
  /** Id of the silence that keeps it from the channels now; null: it is told. */
  silencedBy: z.string().nullable(),
  /** What became of its last notification; empty before there was one, or where no channel is configured. */
  deliveries: z.array(alertDeliverySchema),
});
export type AlertView = z.infer<typeof alertSchema>;

/** A time in which matching alerts are shown and not told. All matchers that are there must match. */
export const silenceSchema = z.object({
  id: z.string(),
  rule: z.string().nullable(),
  model: z.string().nullable(),
  kind: alertKindSchema.nullable(),
  reason: z.string(),
  /** Prefix of the key that asked for it. */
  createdBy: z.string(),
  createdAt: z.int(),
  until: z.int(),
});
export type SilenceView = z.infer<typeof silenceSchema>;

/** A rule that is watched, whether or not it fires. */
export const alertRuleSchema = z.object({
  rule: z.string(),
  kind: alertKindSchema,
  severity: alertSeveritySchema,
  model: z.string().nullable(),
  title: z.string(),
  /** When it fires, in words with its figures. */
  condition: z.string(),
});
export type AlertRuleView = z.infer<typeof alertRuleSchema>;

/** `GET /api/admin/alerts`. */
export const alertReportSchema = z.object({
  /** Pages first, then the newest. */
  firing: z.array(alertSchema),
  pending: z.array(alertSchema),
  /** Of the last seven days, newest first, at most 100. */
  resolved: z.array(alertSchema),
  /** Those in force, and those that begin later. */
  silences: z.array(silenceSchema),
  rules: z.array(alertRuleSchema),
  /** Where alerts are told; empty: nowhere but here. */
  channels: z.array(alertChannelSchema),
  /** When the rules were last looked at; null before the first time. */
  evaluatedAt: z.int().nullable(),
});
export type AlertReportView = z.infer<typeof alertReportSchema>;

/** Body of `POST /api/admin/alerts/silences`: at least one of `rule`, `model` and `kind`, and for how long. */
export const newSilenceSchema = z
  .strictObject({
    rule: z.string().min(1).max(200).nullish(),
    model: z.string().min(1).max(64).nullish(),
    kind: alertKindSchema.nullish(),
    /** From now on; up to 30 days. */
    minutes: z.int().min(1).max(43_200),
    reason: z.string().trim().min(1).max(500),
  })
  .refine(({ rule, model, kind }) => [rule, model, kind].some((matcher) => typeof matcher === 'string'), {
    message: 'say what is silenced by rule, model or kind',
  });
export type NewSilence = z.infer<typeof newSilenceSchema>;

/** `POST /api/admin/alerts/test`: a planted alert went through every channel. */
export const alertTestReportSchema = z.object({
  /** The planted alert as it was at the end. */
  alert: alertSchema,
  /** Whether there is a channel and every one of them took it. */
  passed: z.boolean(),
  deliveries: z.array(alertDeliverySchema.extend({ elapsedMs: z.number() })),
  /** The evidence that it left: one receipt of kind `alert-test` for each model. */
  receipts: z.array(z.object({ sequence: z.int(), model: z.string(), version: z.string() })),
});
export type AlertTestReportView = z.infer<typeof alertTestReportSchema>;
