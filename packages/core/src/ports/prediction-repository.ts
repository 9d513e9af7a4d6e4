/** How a request ended. `cancelled`: the client left, which is not an error. */
export type Outcome = 'ok' | 'client_error' | 'error' | 'timeout' | 'cancelled' | 'limited';

/** One request as it is recorded: figures only, no prompt and no answer. */
export interface Prediction {
  /** Of this record, made when the request ended; sorts by time and never repeats, as `Ids` makes them. */
  readonly id: string;
  /** Of the request, as `x-request-id` told it. Clients may send their own, and a request that fell back has several records. */
  readonly requestId: string;
  readonly projectId: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly keyId: string;
  readonly model: string;
  readonly version: string;
  /** Route pattern from a bounded set, such as `/v1/chat/completions`. */
  readonly route: string;
  readonly outcome: Outcome;
  /** HTTP status that the client saw (499 when it left first). */
  readonly status: number;
  readonly stream: boolean;
  readonly latencyMs: number;
  /** Until the first token, for generated text. */
  readonly firstTokenMs?: number;
  /** Until the work left the queue. */
  readonly queueMs?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** The rollout that assigned it to its version; absent when none ran, or when the client pinned one. */
  readonly rolloutId?: string;
  /** Of the traffic that assigned it. */
  readonly trafficRevision?: number;
  /** Under sticky assignment, a hash of what the lots were drawn over. Never the key itself. */
  readonly stickyKey?: string;
  /** Lower-case hex SHA-256 of the project and the request's end user: its `user` field, else its key. Never the name. */
  readonly endUser?: string;
  /** Lower-case hex SHA-256 of the answer in a plain form, so that a label that comes later can be compared with it. */
  readonly answer?: string;
}

/** Which records; all that is given must hold. */
export interface PredictionFilter {
  readonly model?: string;
  readonly version?: string;
  readonly outcome?: Outcome;
  readonly keyId?: string;
  readonly requestId?: string;
  /** Began at this time or later; milliseconds since the Unix epoch. */
  readonly since?: number;
  /** Began before this time. One that took longer than an hour may be left out. */
  readonly until?: number;
  readonly minLatencyMs?: number;
}

export interface PageOfPredictions {
  readonly limit: number;
  /** Ids below this one: what the page before said is next. */
  readonly before?: string;
  /** Ids above this one. */
  readonly after?: string;
}

export interface FoundPredictions {
  /** At most as many as the page's limit; fewer, even none, where the search ended before it had so many. */
  readonly predictions: readonly Prediction[];
  /** What goes on from here has this as its `before`; absent when there is nothing more. */
  readonly nextBefore?: string;
}

/** Request records at rest, written in batches off the hot path. */
export interface PredictionRepository {
  /** One transaction for all. */
  insertMany(predictions: readonly Prediction[]): Promise<void>;
  /**
   * Newest first. However many records there are and whatever is asked for, it looks at a bounded number of them; where
   * those that match are rare, that ends a page early.
   */
  find(projectId: string, filter: PredictionFilter, page: PageOfPredictions): Promise<FoundPredictions>;
  /** The oldest records that were made before a time: those that {@link deleteBefore} would delete. */
  listOldest(projectId: string, createdBefore: number, limit: number): Promise<readonly Prediction[]>;
  /**
   * Deletes the oldest records that were made before a time, `limit` at the most in one transaction.
   * @returns how many are gone; fewer than `limit`: no more are left
   */
  deleteBefore(projectId: string, createdBefore: number, limit: number): Promise<number>;
  /** Figures by model and version since a time. */
  summarize(projectId: string, since: number): Promise<readonly PredictionSummary[]>;
}

export interface PredictionSummary {
  readonly model: string;
  readonly version: string;
  readonly outcome: Outcome;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}
