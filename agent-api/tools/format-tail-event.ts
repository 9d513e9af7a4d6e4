/** What `wrangler tail --format json` tells of one invocation. */
export interface TailEvent {
  readonly outcome: string;
  readonly eventTimestamp: number;
  readonly event?: {
    readonly request?: { readonly method: string; readonly url: string };
    readonly response?: { readonly status: number };
    readonly cron?: string;
  } | null;
  readonly logs?: readonly {
    readonly level: string;
    readonly message: readonly unknown[];
    readonly timestamp: number;
  }[];
  readonly exceptions?: readonly { readonly name: string; readonly message: string }[];
}

/** One line for what happened, and one for each thing that was logged meanwhile. */
export function formatTailEvent({ outcome, eventTimestamp, event, logs = [], exceptions = [] }: TailEvent): string {
  const at = (time: number): string => new Date(time).toISOString().slice(11, 23);
  const what =
    event?.request === undefined
      ? event?.cron === undefined
        ? 'other work'
        : `cron ${event.cron}`
      : `${event.response?.status ?? '---'} ${event.request.method} ${pathOf(event.request.url)}`;
  const ending = outcome === 'ok' ? '' : `  (${outcome})`;
  return [
    `${at(eventTimestamp)} ${what}${ending}`,
    ...logs.map(({ level, message, timestamp }) => `  ${at(timestamp)} ${level} ${message.map(describe).join(' ')}`),
    ...exceptions.map(({ name, message }) => `  exception ${name}: ${message}`),
  ].join('\n');
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? url;
}

/** The worker logs JSON lines; their message comes first. */
function describe(logged: unknown): string {
  if (typeof logged !== 'string') return JSON.stringify(logged);
  try {
    const { level: _, message, error, ...rest } = JSON.parse(logged) as Record<string, unknown>;
    const cause = typeof error === 'object' && error !== null && 'message' in error ? `: ${String(error.message)}` : '';
    const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    return `${String(message)}${cause}${details}`;
  } catch {
    return logged;
  }
}
