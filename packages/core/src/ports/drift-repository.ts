import type { DriftState } from '../drift/drift-watch.ts';

/** What is counted of a version's requests, such as how long their answers are. */
export interface DriftFeature {
  readonly model: string;
  readonly version: string;
  /** `input-tokens`, `output-tokens`, `label`, `script`, `embedding-1`, … */
  readonly feature: string;
}

/** How many requests of a day fell in a bin, since this was said last. */
export interface DriftCount extends DriftFeature {
  /** When the day began, in UTC; milliseconds since the Unix epoch. */
  readonly day: number;
  readonly bin: string;
  readonly requests: number;
}

/** What is known of a distribution. */
export interface KnownDrift extends DriftFeature {
  readonly state: DriftState;
  /** When the day began that was taken in last. */
  readonly lastDay: number;
}

/** Distributions by day, and what was learned of them, at rest. */
export interface DriftRepository {
  /** Adds to what is there, in one transaction. */
  add(projectId: string, counts: readonly DriftCount[]): Promise<void>;
  /** The counts of days that began before a time, in order of days. */
  listCounts(projectId: string, dayBefore: number): Promise<readonly DriftCount[]>;
  /** In order of models, versions and features. */
  list(projectId: string, model?: string): Promise<readonly KnownDrift[]>;
  /**
   * One transaction: what is known now, and the end of the counts of days that began before a time. Features beyond the
   * `mostFeatures` that were seen last are forgotten.
   */
  save(projectId: string, known: readonly KnownDrift[], dayBefore: number, mostFeatures: number): Promise<void>;
  /** Forgets what is known of a model, its counts included. @returns how many features that were */
  forget(projectId: string, model: string): Promise<number>;
}
