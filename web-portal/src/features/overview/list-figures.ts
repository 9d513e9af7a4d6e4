import type { FigureReportView, FigureView, ModelOverviewView } from '@scarmonit/protocol/admin/overview';
import {
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
  formatUsd,
  type Measure,
  measureDuration,
} from '../../format/format-number.ts';
import { formatRelative } from '../../format/format-time.ts';
import type { Figure } from './figure.ts';

/** What the figures of a model are made of. */
export interface FigureParts {
  readonly overview: ModelOverviewView;
  /** What the window is called. */
  readonly window: string;
  /** When the newest step of the series began, and when the figures were read. */
  readonly lastStepAt: number;
  readonly readAt: number;
  readonly now: number;
}

type KnownFigure = Extract<FigureView, { readonly value: number }>;

/** The mission's eight figures. One without data says why: never 0, never 100 %. */
export function listFigures(parts: FigureParts): readonly Figure[] {
  const { overview, window, now } = parts;
  const { figures } = overview;
  return [
    {
      title: 'P95 latency',
      ...describe(figures.latencyP95Ms, measureDuration, (ms) => `at most ${formatDuration(ms)}`),
      of: window,
    },
    {
      title: 'Error rate',
      ...describe(figures.errorRate, measureShare, (share) => `at most ${formatShare(share)}`),
      of: window,
    },
    throughput(figures.throughputRps, parts),
    {
      title: 'Accuracy',
      ...describe(figures.accuracy, measureShare, (share) => `at least ${formatShare(share)}`),
      ...ofSample(figures.accuracy.figure, 'labels'),
    },
    version(overview),
    { title: 'Uptime', ...describe(figures.uptime, measureShare), of: 'up to 30 d' },
    lastUpdated(overview, now),
    activeUsers(figures.activeUsers5m, figures.activeUsers24h.figure),
  ];
}

/** Figures that people look at when a goal is declared for them. */
export function listFurtherFigures({ overview, window }: FigureParts): readonly Figure[] {
  const { figures } = overview;
  const further: readonly (readonly [FigureReportView, Figure])[] = [
    [
      figures.firstTokenP95Ms,
      {
        title: 'P95 time to first token',
        ...describe(figures.firstTokenP95Ms, measureDuration, (ms) => `at most ${formatDuration(ms)}`),
        of: window,
      },
    ],
    [
      figures.costPerRequestUsd,
      {
        title: 'Cost a request',
        ...describe(figures.costPerRequestUsd, measureUsd, (usd) => `at most ${formatUsd(usd)}`),
        of: window,
      },
    ],
    [
      figures.satisfaction,
      {
        title: 'Satisfaction',
        ...describe(figures.satisfaction, measureShare, (share) => `at least ${formatShare(share)}`),
        ...ofSample(figures.satisfaction.figure, 'ratings'),
      },
    ],
    [
      figures.taskCompletion,
      {
        title: 'Tasks completed',
        ...describe(figures.taskCompletion, measureShare, (share) => `at least ${formatShare(share)}`),
        ...ofSample(figures.taskCompletion.figure, 'tasks'),
      },
    ],
  ];
  return further.filter(([{ goal }]) => goal !== null).map(([, figure]) => figure);
}

/** A step that has only begun says little. */
const tellingMs = 15_000;

function throughput(report: FigureReportView, { window, lastStepAt, readAt }: FigureParts): Figure {
  const last = report.series?.at(readAt - lastStepAt < tellingMs ? -2 : -1) ?? null;
  return {
    title: 'Throughput',
    // What was asked for says nothing of what could be served, so the goal is a line and not a verdict.
    ...describe(report, measureRate, (rps) => `made for ${formatNumber(rps)} req/s`),
    of: `mean, ${window}`,
    ...(last === null || report.figure.value === null ? {} : { note: `${formatNumber(last)} req/s lately` }),
  };
}

function version({ stable, candidate, weight }: ModelOverviewView): Figure {
  return {
    title: 'Version',
    measure: { value: stable, unit: '' },
    note: candidate === null ? 'serves all' : `candidate ${candidate} gets ${formatShare(weight)}`,
  };
}

function lastUpdated({ updatedAt, updatedBy }: ModelOverviewView, now: number): Figure {
  return {
    title: 'Last updated',
    measure: { value: formatRelative(Math.min(updatedAt, now), now), unit: '' },
    note: `by ${updatedBy}`,
  };
}

function activeUsers(recent: FigureReportView, ofDay: FigureView): Figure {
  return {
    title: 'Active users',
    ...describe(recent, (users) => ({ value: formatCount(users), unit: '' })),
    of: 'last 5 min',
    ...(ofDay.value === null ? {} : { note: `${formatCount(ofDay.value)} in the last 24 h` }),
  };
}

/** What every figure has in common. @param words the goal, as a demand */
function describe(
  { figure, goal, series }: FigureReportView,
  measure: (value: number) => Measure,
  words?: (target: number) => string,
): Omit<Figure, 'title'> {
  return {
    ...(figure.value === null ? { why: figure.reason } : { measure: measure(figure.value) }),
    ...(goal === null || words === undefined
      ? {}
      : {
          goal: {
            text: words(goal.target),
            isMet: goal.isMet ?? undefined,
            budgetLeft: goal.budgetLeft ?? undefined,
          },
          goalLine: goal.target,
        }),
    ...(series === null ? {} : { series }),
  };
}

/** How many answers a share is made of, and how far it may be from the truth. */
function ofSample(figure: FigureView, unit: string): Pick<Figure, 'of' | 'note'> {
  if (figure.value === null) return {};
  return { of: `${formatCount(figure.samples)} ${unit}, 30 d`, ...describeInterval(figure) };
}

function describeInterval({ interval }: KnownFigure): Pick<Figure, 'note'> {
  return interval === null
    ? {}
    : { note: `between ${formatNumber(interval.low * 100)} and ${formatShare(interval.high)}` };
}

function measureShare(share: number): Measure {
  return { value: formatShare(share).replace(/\s%$/u, ''), unit: '%' };
}

function measureRate(perSecond: number): Measure {
  return { value: formatNumber(perSecond), unit: 'req/s' };
}

function measureUsd(usd: number): Measure {
  return { value: formatUsd(usd), unit: '' };
}
