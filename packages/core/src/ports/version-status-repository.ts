/** `testing`: was never stable. `active`: is or was stable. `deprecated`: answers only when it is pinned. */
export type VersionStatus = 'testing' | 'active' | 'deprecated';

/** Somebody's word on a version, from one revision on. Never updated. */
export interface VersionStatusRecord {
  readonly model: string;
  readonly version: string;
  /** 1, 2, 3, … of this version; two writers of the same one: the second gets a conflict. */
  readonly revision: number;
  readonly status: VersionStatus;
  /** When a deprecated version will stop to answer, in milliseconds since the Unix epoch. */
  readonly sunsetAt?: number;
  /** The prefix of the key that decided. */
  readonly decidedBy: string;
  readonly reason: string;
  readonly createdAt: number;
}

/** A version as it was registered, with what was said of it since. */
export interface RegisteredVersion {
  readonly model: string;
  readonly version: string;
  /** Of its declaration. */
  readonly digest: string;
  readonly createdAt: number;
  /** JSON of what it runs; absent when a build registered it that kept none. */
  readonly declaration?: string;
  /** JSON of its model card. */
  readonly card?: string;
  /** The newest. */
  readonly said?: VersionStatusRecord;
  /** Whether it has ever been stable. */
  readonly wasStable: boolean;
}

/** What is said of registered versions. */
export interface VersionStatusRepository {
  /** In the order of their registration; all models', or one's. */
  list(projectId: string, model?: string): Promise<readonly RegisteredVersion[]>;
  /** The newest word on every version that is deprecated. Cheap: asked for in every round. */
  listDeprecated(projectId: string): Promise<readonly VersionStatusRecord[]>;
  /** @returns false when somebody else wrote this revision first; nothing has changed then */
  append(projectId: string, record: VersionStatusRecord): Promise<boolean>;
  /** Keeps the card of a version that has none yet. */
  keepCard(projectId: string, model: string, version: string, card: string): Promise<void>;
}
