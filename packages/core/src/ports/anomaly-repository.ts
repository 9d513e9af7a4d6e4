import type { Direction } from '../anomalies/judge-window.ts';
import type { Measure } from '../anomalies/measures.ts';
import type { SubjectKind, Usage } from '../anomalies/usage.ts';
import type { SubjectState } from '../anomalies/watch-subject.ts';

/** Who behaves, by what names it for ever: a model's name, a key's id. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly subject: string;
}

/** What a subject did in a window, as one process has seen it so far: the whole of it, not what is new. */
export interface UsageRow extends Subject, Usage {
  /** When the window began. */
  readonly startedAt: number;
  /** Who counted. What the same source says of the same window and subject later stands in place of this. */
  readonly source: string;
}

/** What is known of a subject. */
export interface KnownSubject extends Subject {
  readonly state: SubjectState;
  /** Of those of a kind the lowest go first when there are too many; see `usageRank`. */
  readonly rank: number;
  /** Whether an anomaly of it goes on. */
  readonly isOpen: boolean;
}

/** What a subject was seen to do that it does not usually do. Times are milliseconds since the Unix epoch. */
export interface Anomaly extends Subject {
  /** Sorts by the time at which it began, and never repeats. */
  readonly id: string;
  /** What people know the subject by: the model's name, or the key's prefix. */
  readonly label: string;
  readonly measure: Measure;
  readonly direction: Direction;
  readonly value: number;
  readonly usual: number;
  /** Whether `usual` is the most there ever was. */
  readonly isPeak: boolean;
  readonly since: number;
  /** Absent while it goes on. */
  readonly until?: number;
}

/** How far the windows are judged. */
export interface AnomalyProgress {
  /** Windows that began before are judged. */
  readonly judgedUntil: number;
  /** Somebody has watched without a gap since. */
  readonly knownSince: number;
  /** When somebody last watched. */
  readonly watchedAt: number;
}

export interface AnomalyPageQuery {
  readonly limit: number;
  readonly isOpen?: boolean;
  readonly kind?: SubjectKind;
  readonly subject?: string;
  /** The id of the last one seen. */
  readonly before?: string;
}

/** Counts by window, what is usual, and what was not, at rest. */
export interface AnomalyRepository {
  /** One transaction. What a source says of a window never shrinks, so that a late write does no harm. */
  addUsage(projectId: string, rows: readonly UsageRow[]): Promise<void>;
  /** What the subjects did in the window that began then, a row a source. */
  listUsage(projectId: string, startedAt: number): Promise<readonly UsageRow[]>;
  readProgress(projectId: string): Promise<AnomalyProgress | undefined>;
  /** What is known of these subjects, in any order. */
  findSubjects(projectId: string, subjects: readonly Subject[]): Promise<readonly KnownSubject[]>;
  /** Every model that is known, and whoever has an anomaly that goes on. */
  listWatched(projectId: string): Promise<readonly Subject[]>;
  /** One transaction: what is known now, and the anomalies that began, went further or ended. */
  saveSubjects(projectId: string, known: readonly KnownSubject[], anomalies: readonly Anomaly[]): Promise<void>;
  /**
   * One transaction: progress, and the end of what it makes useless: counts of windows before it, anomalies that began
   * before `keptFrom`, keys and models beyond the `mostOfAKind` that are used most. What goes on since before `endedBefore` is over.
   */
  saveProgress(projectId: string, progress: AnomalyProgress, limits: AnomalyLimits): Promise<void>;
  /** Newest first. */
  list(projectId: string, page: AnomalyPageQuery): Promise<readonly Anomaly[]>;
  countOpen(projectId: string): Promise<number>;
}

export interface AnomalyLimits {
  readonly mostOfAKind: number;
  readonly keptFrom: number;
  readonly endedBefore: number;
}
