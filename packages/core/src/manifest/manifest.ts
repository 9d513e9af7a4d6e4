import type { Task, VersionSpec } from '../registry/version-spec.ts';
import type { RolloutSettings } from '../rollouts/rollout-settings.ts';

/** What a manifest declares, checked and with its defaults filled in. */
export interface Manifest {
  readonly models: readonly ModelSpec[];
}

/** A model as it is wanted. */
export interface ModelSpec {
  readonly name: string;
  readonly task: Task;
  readonly goals: Goals;
  readonly requirements: Requirements;
  /** The version that gets the traffic; always one of `versions`. */
  readonly stable: string;
  /** In the order of the file; at least one. */
  readonly versions: readonly VersionSpec[];
  /** How `stable` moves; absent: at once, as soon as the new version is ready. */
  readonly rollout?: RolloutSettings;
  readonly maintenance?: Maintenance;
}

/** Who looks after a model, and when. */
export interface Maintenance {
  readonly owner?: string;
  readonly reviewEveryDays?: number;
  /** `2027-01-15`. */
  readonly nextUpdate?: string;
}

/** Declared service levels, usable as a record of numbers. An absent goal is no goal. Shares are between 0 and 1. */
export type Goals = {
  /** P95 of the whole response. */
  readonly maxLatencyMs?: number;
  /** P95 until the first token of a stream. */
  readonly maxTimeToFirstTokenMs?: number;
  readonly minAccuracy?: number;
  readonly targetThroughputRps?: number;
  readonly maxErrorRate?: number;
  /** US dollars a request. */
  readonly maxCostUsd?: number;
  readonly minSatisfaction?: number;
  readonly minTaskCompletion?: number;
};

/** What a model needs of its host. */
export interface Requirements {
  readonly compute?: 'cpu' | 'gpu';
  /** Main memory, in MiB. */
  readonly memoryMb?: number;
  readonly gpu?: 'none' | 'cuda' | 'vulkan' | 'metal';
  /** From where it may be reached. */
  readonly network?: 'loopback' | 'private' | 'public';
}

/** One step into a document: a key of a mapping or an index of a list. */
export type DocumentPath = readonly (string | number)[];

/** A parsed manifest file that still knows where everything stood. The format (YAML) is an adapter's matter. */
export interface ManifestDocument {
  /** Plain data, not yet checked. */
  readonly value: unknown;
  /** The line, from 1, of the key (or list item) at `path`; undefined when nothing stands there. */
  lineOf(path: DocumentPath): number | undefined;
}
