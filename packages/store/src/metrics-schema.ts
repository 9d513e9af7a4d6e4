/** The tables of figures and heartbeats, as Kysely sees them. */
export interface MetricsSchema {
  readonly metric_rows: MetricRowRow;
  readonly metric_folds: MetricFoldRow;
  readonly key_hours: KeyHourRowRow;
  readonly active_users: ActiveUserRow;
  readonly uptime_spans: UptimeSpanRow;
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
