/** That someone has signed in with a key. What the browser holds is not kept, only its SHA-256. */
export interface Session {
  /** Lower-case hex SHA-256 of the token in the cookie. */
  readonly sha256: string;
  readonly projectId: string;
  /** The key that it stands for, and ends with. */
  readonly keyId: string;
  /** Milliseconds since the Unix epoch, as below. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sessions at rest. Writes are durable when the promise resolves. */
export interface SessionRepository {
  insert(session: Session): Promise<void>;
  find(sha256: string): Promise<Session | undefined>;
  /** Without effect when it is not there. */
  delete(sha256: string): Promise<void>;
  /** Deletes those that expired at or before a time. */
  deleteExpired(now: number): Promise<void>;
}
