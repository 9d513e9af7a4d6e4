import type { ApiKey } from '@scarmonit/core/keys/api-key';
import type { RefusalReason } from '@scarmonit/core/metrics/refusals';
import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Reservation } from '@scarmonit/core/ports/rate-limiter';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import type { SessionService } from '@scarmonit/core/sessions/session-service';
import type { ChangeWatch } from '@scarmonit/core/sessions/watch-changes';
import type { RequestTrace, Tracer } from '@scarmonit/core/telemetry/tracer';
import type { Context } from 'hono';
import type { PortalFiles } from './portal/portal-files.ts';

/** What a host may set; everything has a default that is fit for production. */
export interface AgentApiOptions {
  /** Ids of requests that bring none; default `req_` and {@link newId}. */
  newRequestId?(): string;
  /** Unique ids without dashes for completions, responses and messages; default a random UUID. */
  newId?(): string;
  /** Default: the system's clock. */
  readonly clock?: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Largest request body; default 10 MB. */
  readonly maxBodyBytes?: number;
  /** Browser origins that may call; default none. */
  readonly cors?: { readonly origins: readonly string[] };
  /** Lets browsers in. Default: there is no portal, and cookies mean nothing. */
  readonly portal?: PortalOptions;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** Told of every failure that is ours (status 500 and above), with its cause. Must not throw. */
  onError?(error: unknown, requestId: string): void;
  /**
   * Told of every request for a model that was refused before a version was chosen, and so has no record. Must not throw.
   * Default: nobody is told.
   */
  onRefused?(reason: RefusalReason): void;
  /** Told of every request that a route has answered, or begun to answer. Must not throw. */
  onAnswered?(answered: Answered): void;
  /**
   * The address of the client, out of a header that whatever stands before this host writes and no client can. Without it
   * no header is believed.
   * @param header looks a header up by its lower-case name
   */
  clientAddressOf?(header: (name: string) => string | undefined): string | undefined;
}

/** What the Web Portal needs of a host. */
export interface PortalOptions {
  readonly sessions: SessionService;
  readonly changes: ChangeWatch;
  readonly host: 'node' | 'cloudflare';
  /** The portal's files. Absent where the platform serves them in front of the app. */
  readonly files?: PortalFiles;
}

/** A request and what came of it, for an access log. */
export interface Answered {
  readonly requestId: string;
  readonly method: string;
  /** The route's pattern, never the address that was asked for. */
  readonly route: string;
  readonly status: number;
  readonly keyId: string | undefined;
  /** Where the host can tell it. */
  readonly clientAddress?: string;
  /** Until the answer's first byte could be sent. */
  readonly elapsedMs: number;
}

/** The services and settings that every handler is given. */
export interface AppParts {
  readonly services: AgentServices;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly maxBodyBytes: number;
  /** Absent without a portal. */
  readonly sessions: SessionService | undefined;
  readonly tracer: Tracer | undefined;
  newRequestId(): string;
  newId(): string;
  reportError(error: unknown, requestId: string): void;
  readonly reportRefusal: ((reason: RefusalReason) => void) | undefined;
  readonly reportAnswer: ((answered: Answered) => void) | undefined;
  readonly clientAddressOf: AgentApiOptions['clientAddressOf'] | undefined;
}

/** How far the work on a request has come; counts what was done for it when it fails. */
export interface Progress {
  /** Pieces of answers so far, of all attempts; each is one token at least. */
  pieces: number;
}

/** What the middleware leaves for the handlers. A route has `key` unless it is public, and so on down the order. */
export interface AgentEnv {
  readonly Variables: {
    requestId: string;
    /** Monotonic, of the clock port. */
    startedMs: number;
    key: ApiKey;
    body: string;
    reservation: Reservation;
    estimatedTokens: number;
    progress: Progress;
    /** Whether a model was looked for: what fails from then on may have reached a version. */
    isOpened: boolean;
    /** Of the routes that do a client's work, where requests are traced. */
    trace: RequestTrace | undefined;
  };
}

export type AgentContext = Context<AgentEnv>;

/**
 * What the hot routes may know of a request: the part of Hono's context that {@link answerDirectly} provides without
 * Hono, for hosts that have a request in another form than a `Request`.
 */
export interface CallContext {
  get<Name extends keyof AgentEnv['Variables']>(name: Name): AgentEnv['Variables'][Name];
  set<Name extends keyof AgentEnv['Variables']>(name: Name, value: AgentEnv['Variables'][Name]): void;
  readonly req: {
    header(name: string): string | undefined;
    readonly raw: { readonly signal: CancelSignal };
  };
}

const systemClock: AppParts['clock'] = { now: () => Date.now(), monotonicMs: () => performance.now() };

const defaultMaxBodyBytes = 10 * 1024 * 1024;

const newUuid = (): string => crypto.randomUUID().replaceAll('-', '');

/** Fills in the defaults. */
export function toAppParts(services: AgentServices, options: AgentApiOptions): AppParts {
  const newId = options.newId ?? newUuid;
  return {
    services,
    clock: options.clock ?? systemClock,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    sessions: options.portal?.sessions,
    tracer: options.tracer,
    newId,
    newRequestId: options.newRequestId ?? (() => `req_${newId()}`),
    reportError: options.onError ?? (() => {}),
    reportRefusal: options.onRefused,
    reportAnswer: options.onAnswered,
    clientAddressOf: options.clientAddressOf,
  };
}
