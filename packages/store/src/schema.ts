import type { Outcome } from '@scarmonit/core/ports/prediction-repository';
import type { AlertSchema } from './alert-schema.ts';
import type { AnomalySchema } from './anomaly-schema.ts';
import type { MetricsSchema } from './metrics-schema.ts';
import type { RolloutSchema } from './rollout-schema.ts';

/** The tables as Kysely sees them. The migrations are what makes them so; times are milliseconds since the epoch. */
export interface StoreSchema extends RolloutSchema, MetricsSchema, AlertSchema, AnomalySchema {
  readonly projects: ProjectRow;
  readonly api_keys: ApiKeyRow;
  readonly predictions: PredictionRow;
  readonly model_versions: ModelVersionRow;
  readonly manifests: ManifestRow;
  readonly sessions: SessionRow;
  readonly schema_migrations: SchemaMigrationRow;
}

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly prefix: string;
  readonly sha256: string;
  /** JSON array of scopes. */
  readonly scopes: string;
  /** JSON array of model names; null: all models. */
  readonly models: string | null;
  readonly requests_per_minute: number | null;
  readonly tokens_per_minute: number | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

export interface PredictionRow {
  readonly id: string;
  readonly request_id: string;
  readonly project_id: string;
  readonly created_at: number;
  readonly key_id: string;
  readonly model: string;
  readonly version: string;
  readonly route: string;
  readonly outcome: Outcome;
  readonly status: number;
  readonly stream: number;
  readonly latency_ms: number;
  readonly first_token_ms: number | null;
  readonly queue_ms: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly rollout_id: string | null;
  readonly traffic_revision: number | null;
  readonly sticky_key: string | null;
  readonly end_user: string | null;
  readonly answer: string | null;
}

export interface ModelVersionRow {
  readonly project_id: string;
  readonly model: string;
  readonly version: string;
  readonly spec_digest: string;
  readonly created_at: number;
  /** JSON of the declaration; null when it was registered by a build that did not keep it. */
  readonly declaration: string | null;
  /** JSON of the model card. */
  readonly card: string | null;
}

export interface ManifestRow {
  readonly project_id: string;
  readonly revision: number;
  readonly text: string;
  readonly applied_at: number;
}

export interface SessionRow {
  readonly sha256: string;
  readonly project_id: string;
  readonly key_id: string;
  readonly created_at: number;
  readonly expires_at: number;
}

export interface SchemaMigrationRow {
  readonly version: number;
  readonly name: string;
  readonly applied_at: number;
}
