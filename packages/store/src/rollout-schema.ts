/** The tables of deployments, rollouts and their evidence, as Kysely sees them. */
export interface RolloutSchema {
  readonly version_statuses: VersionStatusRow;
  readonly wanted_models: WantedModelRow;
  readonly traffic_revisions: TrafficRow;
  readonly rollouts: RolloutRow;
  readonly rollout_states: RolloutStateRow;
  readonly rollout_flushes: RolloutFlushRow;
  readonly rollout_exposures: RolloutExposureRow;
  readonly rollout_buckets: RolloutBucketRow;
  readonly rollout_crashes: RolloutCrashRow;
  readonly rollout_sightings: RolloutSightingRow;
  readonly receipts: ReceiptRow;
  readonly receipt_heads: ReceiptHeadRow;
  readonly feedback: FeedbackRow;
  readonly shadow_pairs: ShadowPairRow;
  readonly leases: LeaseRow;
}

export interface VersionStatusRow {
  readonly project_id: string;
  readonly model: string;
  readonly version: string;
  readonly revision: number;
  readonly status: string;
  readonly sunset_at: number | null;
  readonly decided_by: string;
  readonly reason: string;
  readonly created_at: number;
}

export interface WantedModelRow {
  readonly project_id: string;
  readonly model: string;
  readonly stable: string;
  readonly updated_at: number;
}

export interface TrafficRow {
  readonly project_id: string;
  readonly model: string;
  readonly revision: number;
  readonly stable: string;
  readonly candidate: string | null;
  readonly weight: number;
  readonly shadow: number;
  readonly sticky: string;
  readonly salt: string;
  readonly rollout_id: string | null;
  readonly decided_by: string;
  readonly reason: string;
  readonly created_at: number;
}

export interface RolloutRow {
  readonly id: string;
  readonly project_id: string;
  readonly model: string;
  readonly from_version: string;
  readonly to_version: string;
  readonly from_digest: string;
  readonly to_digest: string;
  /** JSON. */
  readonly plan: string;
  readonly created_by: string;
  readonly reason: string;
  readonly created_at: number;
}

export interface RolloutStateRow {
  readonly rollout_id: string;
  readonly revision: number;
  readonly phase: string;
  readonly step: number;
  readonly resumes_in: string | null;
  /** JSON. */
  readonly frozen_by: string | null;
  readonly deadline_at: number | null;
  readonly evidence_from: number;
  readonly renewed_from: number;
  readonly paused: number;
  readonly since: number;
  readonly provisional: number;
  readonly decided_by: string;
  readonly reason: string;
  readonly created_at: number;
}

export interface RolloutFlushRow {
  readonly rollout_id: string;
  readonly source: string;
  readonly sequence: number;
}

export interface RolloutExposureRow {
  readonly rollout_id: string;
  readonly revision: number;
  readonly weight: number;
  readonly arm: string;
  readonly event: string;
  readonly unit: string;
  readonly exposed: number;
  readonly events: number;
}

export interface RolloutBucketRow {
  readonly rollout_id: string;
  readonly revision: number;
  readonly arm: string;
  readonly event: string;
  readonly requests: number;
  readonly events: number;
  readonly buckets: number;
}

export interface RolloutCrashRow {
  readonly rollout_id: string;
  readonly crashes: number;
}

export interface RolloutSightingRow {
  readonly rollout_id: string;
  readonly event: string;
  readonly happened: number;
  readonly key_hash: string;
  readonly revision: number;
  readonly weight: number;
  readonly arm: string;
}

export interface ReceiptRow {
  readonly project_id: string;
  readonly sequence: number;
  readonly kind: string;
  readonly model: string;
  readonly version: string;
  readonly version_digest: string;
  readonly rollout_id: string | null;
  /** Canonical JSON. */
  readonly body: string;
  readonly created_at: number;
  readonly previous_hash: string;
  readonly hash: string;
}

export interface ReceiptHeadRow {
  readonly project_id: string;
  readonly sequence: number;
  readonly hash: string;
  readonly created_at: number;
  readonly key_id: string;
  readonly signature: string;
}

export interface FeedbackRow {
  readonly project_id: string;
  readonly id: string;
  readonly request_id: string;
  readonly key_id: string;
  readonly label: string | null;
  readonly label_digest: string | null;
  readonly rating: number | null;
  readonly completed: number | null;
  readonly created_at: number;
}

export interface ShadowPairRow {
  readonly project_id: string;
  readonly id: string;
  readonly rollout_id: string;
  readonly request_id: string;
  readonly agree: number;
  readonly cosine: number | null;
  readonly stable_answer: string | null;
  readonly candidate_answer: string | null;
  readonly candidate_failed: number;
  readonly created_at: number;
}

export interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly held_until: number;
}
