import type { DeploymentCoordinatorObject } from '@scarmonit/adapters/cloudflare/durable-object/deployment-coordinator-object';
import type { RateLimiterObject } from '@scarmonit/adapters/cloudflare/durable-object/rate-limiter-object';
import type { WorkersAiBinding } from '@scarmonit/adapters/runtimes/workers-ai/binding-carrier';

/** The bindings of wrangler.jsonc, and the secrets that `wrangler secret put` sets. */
export interface Env {
  /** Workers AI, or the emulator that stands in for it. */
  readonly AI: WorkersAiBinding;
  /** Metadata of models for cold starts. */
  readonly MODEL_CACHE: KVNamespace;
  /** Artifacts, data sets, exports. */
  readonly MODEL_BUCKET: R2Bucket;
  /** The store. */
  readonly DB: D1Database;
  /** Figures by minute, kept for a while. */
  readonly METRICS: KVNamespace;
  /** Encrypted data of users. */
  readonly USER_DATA: KVNamespace;
  readonly DEPLOYMENT_COORDINATOR: DurableObjectNamespace<DeploymentCoordinatorObject>;
  /** The built portal. */
  readonly ASSETS?: Fetcher;
  readonly RATE_LIMITER: DurableObjectNamespace<RateLimiterObject>;
  /** Secret: the first admin key. */
  readonly API_KEY?: string;
  /** Secret: what data at rest is encrypted with. */
  readonly ENCRYPTION_KEY?: string;
  /** Origins that browsers may call from, separated by commas. */
  readonly CORS_ORIGINS?: string;
  readonly MAX_BODY_BYTES?: string;
  /** How many days request records are kept. */
  readonly RETENTION_DAYS?: string;
  /** How many days figures by hour and day are kept. */
  readonly METRICS_RETENTION_DAYS?: string;
  /** `true`: records are kept as files in MODEL_BUCKET before they are deleted. */
  readonly ARCHIVE_RECORDS?: string;
  /** `true` in development: the store is migrated when the worker starts. Deployments migrate it before. */
  readonly MIGRATE_AT_START?: string;
  /** Where the secrets that manifests name may be sent: `NAME=ADDRESS`, separated by spaces; see docs/guides/use-an-upstream.md. */
  readonly SCARMONIT_SECRET_ORIGINS?: string;
  /** Where alerts and moves of rollouts are told, and with which secret they are signed; see docs/guides/webhooks.md. */
  readonly SCARMONIT_WEBHOOK_URL?: string;
  readonly SCARMONIT_WEBHOOK_SECRET?: string;
  /** Secret: an incoming webhook in Slack's shape; see docs/guides/alerts.md. */
  readonly SCARMONIT_SLACK_URL?: string;
  /** `true` in development: the webhook may be on this machine. */
  readonly SCARMONIT_WEBHOOK_ALLOW_PRIVATE?: string;
  /** `true`: every answered request is logged, in one line. */
  readonly ACCESS_LOG?: string;
  /** `true` where clients reach the worker through Cloudflare's edge alone, which writes `CF-Connecting-IP` itself. */
  readonly TRUST_CF_CONNECTING_IP?: string;
  /** `true` where an abort signal reaches `AI`: the emulator takes one, Cloudflare's binding does not document it. */
  readonly AI_TAKES_SIGNAL?: string;
}
