import type { ModelView } from '@scarmonit/protocol/admin/model';
import type { TrafficView } from '@scarmonit/protocol/admin/rollout';
import { formatDuration, formatNumber, formatShare, measureDuration } from '../../format/format-number.ts';
import { formatRelative } from '../../format/format-time.ts';
import type { Figure } from './figure.ts';
import { quantile, type RequestWindow } from './window-requests.ts';

/** What the figures of a model are made of. */
export interface FigureParts {
  readonly model: ModelView;
  readonly window: RequestWindow;
  /** What the window is called. */
  readonly title: string;
  /** Who serves now; undefined while it is not known. */
  readonly traffic: TrafficView | undefined;
  readonly now: number;
}

/** The mission's eight figures. One without data says why: never 0, never 100 %. */
export function listFigures(parts: FigureParts): readonly Figure[] {
  return [
    latency(parts),
    errorRate(parts),
    throughput(parts),
    {
      title: 'Accuracy',
      why: 'No labels yet: send feedback with the right answer, or run validate.',
      ...goalOf(parts.model.goals['minAccuracy'], (goal) => `at least ${formatShare(goal)}`),
    },
    version(parts),
    { title: 'Uptime', why: 'This server does not record heartbeats.' },
    lastUpdated(parts),
    { title: 'Active users', why: 'This server does not count end users.' },
  ];
}

function latency({ model, window, title }: FigureParts): Figure {
  const value = quantile(window.total.latenciesMs, 0.95);
  const goal = model.goals['maxLatencyMs'];
  return {
    title: 'P95 latency',
    ...known(value, title, measureDuration),
    ...goalOf(goal, (ms) => `at most ${formatDuration(ms)}`, value === undefined ? undefined : (ms) => value <= ms),
    series: window.buckets.map(({ latenciesMs }) => quantile(latenciesMs, 0.95) ?? null),
  };
}

function errorRate({ model, window, title }: FigureParts): Figure {
  const { requests, failed } = window.total;
  const value = requests === 0 ? undefined : failed / requests;
  return {
    title: 'Error rate',
    ...known(value, title, (share) => ({ value: formatNumber(share * 100), unit: '%' })),
    ...goalOf(
      model.goals['maxErrorRate'],
      (share) => `at most ${formatShare(share)}`,
      value === undefined ? undefined : (share) => value <= share,
    ),
    series: window.buckets.map((bucket) => (bucket.requests === 0 ? null : bucket.failed / bucket.requests)),
  };
}

function throughput({ model, window, title }: FigureParts): Figure {
  const { bucketMs, buckets, total } = window;
  const perSecond = buckets.map(({ requests }) => requests / (bucketMs / 1000));
  const peak = Math.max(0, ...perSecond);
  return {
    title: 'Throughput',
    ...known(total.requests === 0 ? undefined : peak, title, (value) => ({
      value: formatNumber(value),
      unit: 'req/s',
    })),
    note: `peak, ${title}`,
    // What was asked for says nothing of what could be served, so the goal is a line and not a verdict.
    ...goalOf(model.goals['targetThroughputRps'], (value) => `made for ${formatNumber(value)} req/s`),
    series: perSecond,
  };
}

function version({ model, traffic }: FigureParts): Figure {
  const candidate = traffic?.candidate ?? null;
  return {
    title: 'Version',
    measure: { value: traffic?.stable ?? model.stable, unit: '' },
    note: candidate === null ? 'serves all' : `candidate ${candidate} gets ${formatShare(traffic?.weight ?? 0)}`,
  };
}

function lastUpdated({ model, traffic, now }: FigureParts): Figure {
  const at = traffic?.createdAt ?? model.createdAt;
  return {
    title: 'Last updated',
    measure: { value: formatRelative(Math.min(at, now), now), unit: '' },
    ...(traffic === undefined ? {} : { note: `by ${traffic.decidedBy}` }),
  };
}

function known(
  value: number | undefined,
  title: string,
  measure: (value: number) => NonNullable<Figure['measure']>,
): Pick<Figure, 'measure' | 'why' | 'note'> {
  return value === undefined ? { why: `No requests, ${title}.` } : { measure: measure(value), note: title };
}

function goalOf(
  goal: number | undefined,
  words: (goal: number) => string,
  isMet?: (goal: number) => boolean,
): Pick<Figure, 'goal' | 'goalLine'> {
  return goal === undefined ? {} : { goal: { text: words(goal), isMet: isMet?.(goal) }, goalLine: goal };
}
