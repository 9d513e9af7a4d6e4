import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { ModelSpec } from '@scarmonit/core/manifest/manifest';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  EngineStats,
  GenerateEvent,
  GenerateRequest,
} from '@scarmonit/core/ports/model-runtime';
import type { RateLimits, Reservation } from '@scarmonit/core/ports/rate-limiter';
import type { SqlRow, SqlStatement } from '@scarmonit/core/ports/sql-database';
import type { VersionSpec } from '@scarmonit/core/registry/version-spec';
import type { Traffic } from '@scarmonit/core/routing/traffic';
import type { Deprecation, VersionState } from '@scarmonit/core/services/agent-services';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';

/** What HTTP processes ask of the primary, which holds all that there is once: the store, the limits, the engines. */
export type PrimaryContract = {
  readonly calls: {
    /** Statements that belong together, in one transaction. */
    sql(statements: readonly SqlStatement[]): readonly (readonly SqlRow[])[];
    reserve(wanted: WantedReservation): Omit<Reservation, 'settle'>;
    embed(asked: AskedOfVersion<EmbedRequest>): EmbedResult;
    classify(asked: AskedOfVersion<ClassifyRequest>): ClassifyResult;
    stats(versionId: number): EngineStats;
  };
  readonly streams: {
    generate(asked: AskedOfVersion<GenerateRequest>): GenerateEvent;
    /** A request that only the primary can answer: first the head of its answer, then the bytes of the body. */
    handOver(request: HandedRequest): AnswerHead | Uint8Array;
  };
  readonly tells: {
    settle(settled: { readonly reservationId: number; readonly usedTokens: number }): void;
    upstreamChanged(changed: ChangedUpstream): void;
  };
};

/** What the primary asks of each HTTP process. Each resolves when it is in force there. */
export type HttpProcessContract = {
  readonly calls: {
    /** The first call. Resolves when it listens. */
    start(state: { readonly keys: readonly ApiKey[]; readonly table: PublishedTable }): { readonly url: string };
    addKey(key: ApiKey): void;
    revokeKey(revoked: { readonly id: string; readonly revokedAt: number }): void;
    followTable(table: PublishedTable): void;
    /** What it uses of the machine, and what waits in it. */
    measure(_nothing: undefined): Omit<ProcessFigures, 'process'>;
    /** Takes nothing new, finishes what is in flight and hands in its records. */
    drain(limits: { readonly timeoutMs: number }): void;
  };
  readonly streams: Readonly<Record<never, never>>;
  readonly tells: Readonly<Record<never, never>>;
};

export interface WantedReservation {
  /** Given by the HTTP process; settling names it. */
  readonly reservationId: number;
  readonly keyId: string;
  readonly limits: RateLimits;
  readonly tokens: number;
}

export interface AskedOfVersion<Request> {
  readonly versionId: number;
  readonly request: Request;
  readonly requestId: string | undefined;
}

/** Everything that is served, as the primary has it. */
export type PublishedTable = readonly PublishedModel[];

export interface PublishedModel {
  readonly spec: ModelSpec;
  readonly createdAt: number;
  readonly traffic: Traffic;
  readonly versions: readonly PublishedVersion[];
}

export interface PublishedVersion {
  /** Of one loading of one version: another content under the same number has another id. */
  readonly id: number;
  readonly spec: VersionSpec;
  readonly state: VersionState;
  readonly reason: string | undefined;
  /** Of a version whose engine the primary runs, once it was loaded. */
  readonly abilities: readonly Ability[];
  /** Absent while it is in use. */
  readonly deprecation?: Deprecation;
}

export type Ability = 'generate' | 'embed' | 'classify';

export interface HandedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}
