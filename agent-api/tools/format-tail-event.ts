/** What `wrangler tail --format json` tells of one invocation (developers.cloudflare.com/workers/runtime-apis/tail-event). */
export interface TailEvent {
  readonly outcome: string;
  readonly eventTimestamp: number;
  /** The class that ran, where it is not the worker itself. */
  readonly entrypoint?: string;
  /** Milliseconds. */
  readonly wallTime?: number;
  readonly cpuTime?: number;
  readonly event?: TailTrigger | null;
  readonly logs?: readonly {
    readonly level: string;
    readonly message: readonly unknown[];
    readonly timestamp: number;
  }[];
  readonly exceptions?: readonly { readonly name: string; readonly message: string }[];
}

interface TailTrigger {
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly status: number };
  readonly cron?: string;
  /** Of an alarm, when there is no cron beside it. */
  readonly scheduledTime?: string | number;
  readonly rpcMethod?: string;
}

/** One line for what happened, and one for each thing that was logged meanwhile. */
export function formatTailEvent(tailed: TailEvent): string {
  const { outcome, eventTimestamp, event, logs = [], exceptions = [], wallTime = 0, cpuTime = 0 } = tailed;
  const at = (time: number): string => new Date(time).toISOString().slice(11, 23);
  const what = describeTrigger(event ?? {}, tailed.entrypoint);
  const took = wallTime > 0 ? `  ${wallTime} ms (${cpuTime} ms CPU)` : '';
  const ending = outcome === 'ok' ? '' : `  ${outcome}`;
  return [
    `${at(eventTimestamp)} ${what}${took}${ending}`,
    ...logs.map(({ level, message, timestamp }) => `  ${at(timestamp)} ${level} ${message.map(describe).join(' ')}`),
    ...exceptions.map(({ name, message }) => `  exception ${name}: ${message}`),
  ].join('\n');
}

function describeTrigger({ request, response, cron, scheduledTime, rpcMethod }: TailTrigger, entrypoint = ''): string {
  if (request !== undefined) return `${response?.status ?? '---'} ${request.method} ${pathOf(request.url)}`;
  if (cron !== undefined) return `cron ${cron}`;
  if (rpcMethod !== undefined) return `call ${entrypoint}.${rpcMethod}`;
  return scheduledTime === undefined ? 'other work' : `alarm ${entrypoint}`;
}

/** Queries may hold what nobody should read over a shoulder. */
function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? url;
}

/** The worker logs JSON lines; their message comes first, then what caused it. */
function describe(logged: unknown): string {
  if (typeof logged !== 'string') return JSON.stringify(logged);
  try {
    const { level: _, message, error, ...rest } = JSON.parse(logged) as Record<string, unknown>;
    const details = Object.entries(rest).map(
      ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const causes = listMessages(error).map((cause) => `: ${cause.replace(/\.$/, '')}`);
    return [String(message), ...causes, ...details].join('');
  } catch {
    return logged;
  }
}

/** Of an error and of what caused it, each once. */
function listMessages(error: unknown): readonly string[] {
  const messages = new Set<string>();
  for (let current = error; typeof current === 'object' && current !== null; ) {
    const { message, cause } = current as { readonly message?: unknown; readonly cause?: unknown };
    if (message !== undefined) messages.add(String(message));
    current = cause;
  }
  return [...messages];
}
