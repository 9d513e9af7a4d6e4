import type { Task } from '../registry/version-spec.ts';
import type { Refusals } from './refusals.ts';

/** A figure, or why there is none. */
export type Figure =
  | {
      readonly value: number;
      /** Of 95 %, for shares of a sample. */
      readonly interval?: { readonly low: number; readonly high: number };
      /** How many requests, answers or users it is made of. */
      readonly samples: number;
    }
  | {
      readonly value?: never;
      /** One sentence for people, which says what to do about it. */
      readonly reason: string;
    };

/** A goal beside its figure. */
export interface FigureGoal {
  readonly target: number;
  /** Absent while the figure is unknown, and for goals that observed traffic cannot judge. */
  readonly isMet?: boolean;
  /**
   * The share of the 30 days' error budget that is left: 1 unused, 0 used up, below 0 overspent. Absent for goals that
   * have none.
   */
  readonly budgetLeft?: number;
}

export type FigureName =
  | 'latencyP95Ms'
  | 'firstTokenP95Ms'
  | 'errorRate'
  | 'throughputRps'
  | 'accuracy'
  | 'satisfaction'
  | 'taskCompletion'
  | 'costPerRequestUsd'
  | 'uptime'
  | 'activeUsers5m'
  | 'activeUsers24h';

export interface FigureReport {
  readonly figure: Figure;
  readonly goal?: FigureGoal;
  /** A value a step of the window, null where there is none. */
  readonly series?: readonly (number | null)[];
}

/** What a model is worth at a glance. */
export interface ModelOverview {
  readonly model: string;
  readonly task: Task;
  readonly stable: string;
  readonly candidate?: string;
  /** The candidate's share, 0…1. */
  readonly weight: number;
  /** When what it serves last changed, and by whom. */
  readonly updatedAt: number;
  readonly updatedBy: string;
  readonly figures: Readonly<Record<FigureName, FigureReport>>;
  readonly versions: readonly VersionOverview[];
}

/** A version that got requests in the window. */
export interface VersionOverview {
  readonly version: string;
  readonly requests: number;
  readonly latencyP95Ms: Figure;
  readonly errorRate: Figure;
  readonly accuracy: Figure;
}

export interface Overview {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly models: readonly ModelOverview[];
  /** Requests of the window that were refused before a version was chosen; absent where one model was asked for. */
  readonly refused?: Refusals;
}

/** A series of figures of a model, of all its versions or of each. */
export interface MetricsSeries {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** The begin of each step. */
  readonly times: readonly number[];
  readonly lines: readonly MetricsLine[];
}

export interface MetricsLine {
  /** Absent for all versions together. */
  readonly version?: string;
  readonly points: readonly MetricsPoint[];
}

/** Null: nothing to tell it from in that step. */
export interface MetricsPoint {
  readonly requests: number;
  readonly errorRate: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly firstTokenP95Ms: number | null;
}
