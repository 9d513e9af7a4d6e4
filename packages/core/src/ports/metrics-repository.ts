import type { Outcome } from './prediction-repository.ts';

/**
 * What figures are told apart by. Each comes from a bounded set: what the manifest names, and the server's own routes.
 * Requests that were refused before a version was chosen have no model and no version, and their reason in place of a route.
 */
export interface MetricSeries {
  readonly model: string;
  readonly version: string;
  readonly route: string;
  readonly outcome: Outcome;
}

/** What is known of more than its sum. */
export type Distribution = 'latency' | 'firstToken' | 'queue';

/** Figures of a series over a stretch of time. Requests belong to the time at which they ended. */
export interface MetricRow extends MetricSeries {
  /** When the stretch began; milliseconds since the Unix epoch, a multiple of its length. */
  readonly startedAt: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Texts of `QuantileSketch`, of milliseconds: a value for each request, for some the other two, for some none. */
  readonly latency: string;
  readonly firstToken: string;
  readonly queue: string;
}

/** A minute as one process has seen it so far: the whole of it, not what is new. */
export interface MinuteRow extends MetricRow {
  /** Who counted. What the same source says of the same minute and series later stands in place of this. */
  readonly source: string;
}

/** What one key did in an hour, as one process has seen it so far. */
export interface KeyHourRow {
  readonly keyId: string;
  readonly startedAt: number;
  readonly source: string;
  readonly requests: number;
  readonly errors: number;
  readonly tokens: number;
  readonly latencyMs: number;
}

/** An end user who was served, by a hash. */
export interface SeenUser {
  readonly model: string;
  readonly endUser: string;
  /** When a request of theirs last ended. */
  readonly lastSeenAt: number;
}

/** What one process says about itself since it last did. */
export interface MetricsFlush {
  readonly minutes: readonly MinuteRow[];
  readonly keyHours: readonly KeyHourRow[];
  readonly users: readonly SeenUser[];
}

/** The lengths of time that figures are kept for; `all` is what is older than the retention. */
export type Tier = 'minute' | 'hour' | 'day' | 'all';

export interface MetricsQuery {
  /** Included; a multiple of a minute. */
  readonly from: number;
  /** Excluded; a multiple of a minute. */
  readonly to: number;
  /** No row is longer than this, so that sums by this length can be made. */
  readonly longest: Tier;
  /** Absent: every model, and requests that reached none. */
  readonly model?: string;
  /** Whose texts are needed, of requests that were answered well; all others are empty. Absent: all, of all. */
  readonly distributions?: readonly Distribution[];
}

/**
 * Figures of requests at rest, kept by minute for two days, by hour and by day for the retention. They add up over
 * processes and restarts, and nothing counts twice: a source only ever replaces what it said before.
 */
export interface MetricsRepository {
  /** One transaction. What a source says of a minute or an hour never shrinks, so that a late write does no harm. */
  write(projectId: string, flush: MetricsFlush): Promise<void>;
  /** The fewest rows that cover the window exactly, as far as it reaches back; there may be several of a series. */
  list(projectId: string, query: MetricsQuery): Promise<readonly MetricRow[]>;
  /** Distinct end users by model since a time, the boundary included. */
  countUsers(projectId: string, since: number): Promise<ReadonlyMap<string, number>>;
  /** Hours of keys since a time, summed over sources. */
  listKeyHours(projectId: string, since: number): Promise<readonly Omit<KeyHourRow, 'source'>[]>;
  /**
   * Sums minutes up to hours, and hours up to days, for times that are over: a bounded part of what there is, the oldest
   * first; what is summed already costs little. To be called by one process of several, about once a minute.
   */
  fold(projectId: string, now: number): Promise<void>;
  /**
   * Deletes minutes that are in hours and older than two days, end users that were not seen for as long and old hours of
   * keys, and moves what is older than a time into `all`: a bounded part of it.
   * @returns whether there is more to do
   */
  expire(projectId: string, now: number, keepFrom: number): Promise<boolean>;
}

/** A stretch of time in which one process was able to serve a model. */
export interface UptimeSpan {
  readonly model: string;
  readonly startedAt: number;
  /** The last heartbeat. */
  readonly lastAt: number;
}

/** Heartbeats at rest, as stretches without a gap. */
export interface UptimeRepository {
  /** Writes or prolongs stretches of one process. */
  beat(projectId: string, source: string, spans: readonly UptimeSpan[]): Promise<void>;
  /** Those that reach beyond a time, of all processes. */
  list(projectId: string, since: number): Promise<readonly UptimeSpan[]>;
  /** The first heartbeat that is kept, by model. */
  firstBeats(projectId: string): Promise<ReadonlyMap<string, number>>;
  /** Deletes what ended before a time. */
  expire(projectId: string, endedBefore: number): Promise<void>;
}

/** What feedback says of a version's answers. */
export interface FeedbackScore {
  readonly model: string;
  readonly version: string;
  /** Answers with a label that can be compared with them, and those that say the same. */
  readonly labelled: number;
  readonly right: number;
  readonly rated: number;
  /** Rated 0.5 or better. */
  readonly satisfied: number;
  readonly tasks: number;
  readonly completed: number;
}

export interface FeedbackScoreRepository {
  /**
   * Joins feedback with the requests that were made from a time on and answered. Of several kinds of feedback on a request
   * the last of each counts.
   */
  score(projectId: string, from: number): Promise<readonly FeedbackScore[]>;
}
