/** The tables of alerts, as Kysely sees them. */
export interface AlertSchema {
  readonly alerts: AlertRow;
  readonly alert_silences: AlertSilenceRow;
  readonly alert_rounds: AlertRoundRow;
}

export interface AlertRow {
  readonly id: string;
  readonly project_id: string;
  /** The rule's id while it is not resolved: a rule has one alert at a time. */
  readonly open_rule: string | null;
  /** 1 while it is not resolved, or has a message to deliver. */
  readonly is_active: number;
  readonly resolved_at: number | null;
  readonly revision: number;
  /** JSON of the alert. */
  readonly body: string;
}

export interface AlertSilenceRow {
  readonly id: string;
  readonly project_id: string;
  readonly ends_at: number;
  /** JSON of the silence, as it was asked for. */
  readonly body: string;
}

export interface AlertRoundRow {
  readonly project_id: string;
  readonly evaluated_at: number;
}
