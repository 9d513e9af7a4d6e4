import { hourMs, minuteMs } from '../metrics/windows.ts';
import type { AlertReading, AlertRule } from './alert.ts';
import { formatCount, formatDuration } from './words.ts';

/** What is known of a model's requests of the last days. */
export interface TrafficHistory {
  /** Requests by the hour in which they ended, whose begin is in milliseconds since the epoch; empty hours may be left out. */
  readonly hours: ReadonlyMap<number, number>;
  /** The latest time at which a request may have ended: to the minute where it was within the hour. */
  readonly lastAt: number;
}

/** Only who has asked for as long as this is missed. */
const fewestHours = 24;
const shortestSilenceMs = 5 * minuteMs;
/** In the quietest hour a silence of this length would come by chance one time in a million: e^−13.8. */
const surprise = -Math.log(1e-6);

export function trafficRuleOf(model: string): AlertRule {
  return {
    id: `no-traffic/${model}/page`,
    kind: 'no-traffic',
    severity: 'page',
    model,
    title: `${model}: no traffic`,
    condition:
      'No requests for longer than the quietest hour of the last seven days explains, or twice as long as the longest ' +
      'silence in them; only after a day of traffic.',
    holdMs: 2 * minuteMs,
    clearMs: 0,
    remindEveryMs: 4 * hourMs,
  };
}

/** @param history undefined for a model that nobody has asked in the last seven days */
export function readTraffic(model: string, history: TrafficHistory | undefined, now: number): AlertReading {
  const rule = trafficRuleOf(model);
  const advice =
    'Ask a client of the model what it sees: look at keys that expired or were revoked, the network in front of this ' +
    'server, and the application itself. Silence it if the silence is wanted.';
  if (history === undefined) {
    return { rule, isTrue: false, summary: 'No requests in the last seven days.', advice, figures: [] };
  }
  const silentMs = Math.max(0, now - history.lastAt);
  const usual = usualOf(history);
  const silence = `No request for ${formatDuration(silentMs)}`;
  const figures = [{ name: 'silence', value: silentMs, unit: 'milliseconds' as const }];
  if (usual === undefined) {
    return { rule, isTrue: false, summary: `${silence}; there is less than a day of traffic.`, advice, figures };
  }
  return {
    rule,
    isTrue: silentMs > usual.longestMs,
    summary: `${silence}; ${usual.words}.`,
    advice,
    figures: [...figures, { name: 'expected within', value: usual.longestMs, unit: 'milliseconds' }],
  };
}

/** How long a silence may be. The hour of the last request is not over, and the first one may have begun late. */
function usualOf({
  hours,
  lastAt,
}: TrafficHistory): { readonly longestMs: number; readonly words: string } | undefined {
  const first = Math.min(...hours.keys()) + hourMs;
  const end = Math.floor((lastAt - 1) / hourMs) * hourMs;
  if (end - first < fewestHours * hourMs) return undefined;
  let quietest = Number.POSITIVE_INFINITY;
  let emptyHours = 0;
  let longestRun = 0;
  for (let hour = first; hour < end; hour += hourMs) {
    const requests = hours.get(hour) ?? 0;
    quietest = Math.min(quietest, requests);
    emptyHours = requests === 0 ? emptyHours + 1 : 0;
    longestRun = Math.max(longestRun, emptyHours);
  }
  if (longestRun > 0) {
    const run = formatDuration(longestRun * hourMs);
    return { longestMs: 2 * (longestRun + 1) * hourMs, words: `the longest silence of the last seven days was ${run}` };
  }
  return {
    longestMs: Math.max(shortestSilenceMs, (surprise / quietest) * hourMs),
    words: `the quietest hour of the last seven days had ${formatCount(quietest)} requests`,
  };
}
