/** The tables of usage, anomalies and drift, as Kysely sees them. */
export interface AnomalySchema {
  readonly usage_windows: UsageWindowRow;
  readonly usage_progress: UsageProgressRow;
  readonly known_subjects: KnownSubjectRow;
  readonly anomalies: AnomalyRow;
  readonly drift_counts: DriftCountRow;
  readonly drift_features: DriftFeatureRow;
}

export interface UsageWindowRow {
  readonly project_id: string;
  readonly started_at: number;
  /** `model` or `key`. */
  readonly kind: string;
  readonly subject: string;
  readonly source: string;
  readonly requests: number;
  readonly errors: number;
  readonly tokens: number;
  /** JSON array of counts. */
  readonly latency: string;
}

export interface UsageProgressRow {
  readonly project_id: string;
  readonly judged_until: number;
  readonly known_since: number;
  readonly watched_at: number;
}

export interface KnownSubjectRow {
  readonly project_id: string;
  readonly kind: string;
  readonly subject: string;
  /** JSON. */
  readonly state: string;
  readonly usage_rank: number;
  readonly is_open: number;
}

export interface AnomalyRow {
  readonly project_id: string;
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly label: string;
  readonly measure: string;
  readonly direction: string;
  readonly value: number;
  readonly usual: number;
  readonly is_peak: number;
  readonly since: number;
  readonly ended_at: number | null;
}

export interface DriftCountRow {
  readonly project_id: string;
  readonly day: number;
  readonly model: string;
  readonly version: string;
  readonly feature: string;
  readonly bin: string;
  readonly requests: number;
}

export interface DriftFeatureRow {
  readonly project_id: string;
  readonly model: string;
  readonly version: string;
  readonly feature: string;
  /** JSON. */
  readonly state: string;
  readonly last_day: number;
}
