import type { Asked, Handlers } from '@scarmonit/adapters/process-channel/contract';
import { HeldReservations } from '@scarmonit/adapters/process-channel/held-reservations';
import type {
  AnswerHead,
  HandedRequest,
  PrimaryContract,
} from '@scarmonit/adapters/process-channel/http-process-contract';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { LoadedVersion, RequestContext } from '@scarmonit/core/ports/model-runtime';
import type { RateLimiter } from '@scarmonit/core/ports/rate-limiter';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';

/** What the primary has once for all HTTP processes. */
export interface PrimaryParts {
  readonly database: SqlDatabase;
  readonly limiter: RateLimiter;
  /** Told when an upstream answers as another than before. */
  onUpstreamChange(changed: ChangedUpstream): void;
  /** The version that was published under an id, while it is loaded. */
  findLoaded(versionId: number): LoadedVersion | undefined;
  /** The primary's own app. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** Answers what one HTTP process asks of the primary. */
export function answerHttpProcess(parts: PrimaryParts): Handlers<PrimaryContract> {
  const { database, limiter } = parts;
  const reservations = new HeldReservations(limiter);

  const find = <Method extends 'generate' | 'embed' | 'classify' | 'stats'>(
    versionId: number,
    method: Method,
  ): NonNullable<LoadedVersion[Method]> => {
    const found = parts.findLoaded(versionId)?.[method];
    if (found !== undefined) return found;
    throw new ScarmonitError('not_ready', 'The version was unloaded meanwhile. Try again.', {
      code: 'model_not_ready',
      retryAfterMs: 1_000,
    });
  };
  return {
    calls: {
      sql: (statements) => database.batch(statements),
      reserve: (wanted) => reservations.reserve(wanted),
      embed: ({ versionId, request, requestId }, asked) =>
        find(versionId, 'embed')(request, toContext(asked, requestId)),
      classify: ({ versionId, request, requestId }, asked) =>
        find(versionId, 'classify')(request, toContext(asked, requestId)),
      stats: (versionId) => find(versionId, 'stats')(),
    },
    streams: {
      generate: ({ versionId, request, requestId }, asked) =>
        find(versionId, 'generate')(request, toContext(asked, requestId)),
      handOver: (request, asked) => answerHanded(parts.fetch, request, asked.signal),
    },
    tells: {
      settle: (settled) => reservations.settle(settled),
      upstreamChanged: (changed) => parts.onUpstreamChange(changed),
    },
  };
}

function toContext({ signal }: Asked, requestId: string | undefined): RequestContext {
  return { signal, ...(requestId === undefined ? {} : { requestId }) };
}

async function* answerHanded(
  fetch: PrimaryParts['fetch'],
  { method, url, headers, body }: HandedRequest,
  signal: AbortSignal,
): AsyncGenerator<AnswerHead | Uint8Array> {
  const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]), signal };
  const response = await fetch(new Request(url, body === undefined ? init : { ...init, body: new Uint8Array(body) }));
  yield { status: response.status, headers: [...response.headers] };
  if (response.body === null) return;
  const reader = response.body.getReader();
  // A body may be silent for long: who leaves meanwhile must not wait for its next piece.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
