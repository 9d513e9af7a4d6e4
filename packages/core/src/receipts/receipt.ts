/** What a receipt is evidence of. New kinds are added, none is ever renamed. */
export type ReceiptKind =
  | 'gate'
  | 'rollout'
  | 'traffic'
  | 'validation'
  | 'assessment'
  | 'stress'
  | 'alert-test'
  | 'probe'
  | 'self-test';

/** Evidence that is about to be written. */
export interface ReceiptDraft {
  readonly kind: ReceiptKind;
  readonly model: string;
  readonly version: string;
  /** Of the version's declaration: evidence about other content under the same number counts for nothing. */
  readonly versionDigest: string;
  /** The rollout that it belongs to. */
  readonly rolloutId?: string;
  /** JSON with finite numbers: whatever a reader needs to judge, and a verifier to recalculate. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Evidence at rest: a link of a chain that is never edited. */
export interface Receipt extends ReceiptDraft {
  readonly projectId: string;
  /** 1, 2, 3, … in each project, without gaps. */
  readonly sequence: number;
  readonly createdAt: number;
  /** The hash before it; 64 zeros for the first. Lower-case hex. */
  readonly previousHash: string;
  /** SHA-256 of `previousHash` and the canonical JSON of everything above it. Lower-case hex. */
  readonly hash: string;
}

/** A signed statement that the chain was this long and ended in this hash. It is also sent out of the store. */
export interface ReceiptHead {
  readonly projectId: string;
  readonly sequence: number;
  readonly hash: string;
  readonly createdAt: number;
  /** Of the signing key: lower-case hex SHA-256 of its raw public key. */
  readonly keyId: string;
  /** Ed25519 over `scarmonit-head-v1\n<projectId>\n<sequence>\n<hash>\n<createdAt>`, lower-case hex. */
  readonly signature: string;
}
