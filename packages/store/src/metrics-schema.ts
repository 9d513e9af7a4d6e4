/** The tables of figures, heartbeats and alerts, as Kysely sees them. */
export interface MetricsSchema {
  readonly metric_rows: MetricRowRow;
  readonly metric_folds: MetricFoldRow;
  readonly key_hours: KeyHourRowRow;
  readonly active_users: ActiveUserRow;
  readonly uptime_spans: UptimeSpanRow;
  readonly alerts: AlertRow;
  readonly alert_silences: AlertSilenceRow;
}

export interface MetricRowRow {
  readonly project_id: string;
  /** `minute`, `hour`, `day`, or `all` for what is older than the retention. */
  readonly tier: string;
  readonly started_at: number;
  readonly model: string;
  readonly version: string;
  readonly route: string;
  readonly outcome: string;
  /** Who counted a minute; empty for the sums of several. */
  readonly source: string;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  /** Texts of sketches. */
  readonly latency: string;
  readonly first_token: string;
  readonly queue: string;
}

/** An hour or a day whose rows hold all that there is of it. */
export interface MetricFoldRow {
  readonly project_id: string;
  readonly tier: string;
  readonly started_at: number;
}

export interface KeyHourRowRow {
  readonly project_id: string;
  readonly key_id: string;
  readonly started_at: number;
  readonly source: string;
  readonly requests: number;
  readonly errors: number;
  readonly tokens: number;
  readonly latency_ms: number;
}

export interface ActiveUserRow {
  readonly project_id: string;
  readonly model: string;
  readonly end_user: string;
  readonly last_seen_at: number;
}

export interface UptimeSpanRow {
  readonly project_id: string;
  readonly model: string;
  readonly source: string;
  readonly started_at: number;
  readonly last_at: number;
}

export interface AlertRow {
  readonly project_id: string;
  readonly id: string;
  readonly rule: string;
  readonly model: string | null;
  readonly severity: string;
  readonly state: string;
  readonly summary: string;
  /** JSON. */
  readonly details: string;
  readonly since: number;
  readonly fired_at: number | null;
  readonly resolved_at: number | null;
  readonly updated_at: number;
}

export interface AlertSilenceRow {
  readonly project_id: string;
  readonly id: string;
  readonly rule: string | null;
  readonly model: string | null;
  readonly ends_at: number;
  readonly reason: string;
  readonly created_by: string;
  readonly created_at: number;
}
