/** What a key may do. `admin` includes the other two, `read` is the management API without changes. */
export type Scope = 'infer' | 'read' | 'admin';

/** A key as it is kept: never the key itself, only its SHA-256. */
export interface ApiKey {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  /** First characters, shown so that people can tell keys apart. */
  readonly prefix: string;
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** Models it may ask for; absent: all. */
  readonly models?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Milliseconds since the Unix epoch, as all times below. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}
