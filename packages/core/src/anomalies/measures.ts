import { medianLatency, type SubjectKind, type Usage } from './usage.ts';

export const measures = ['requests', 'errors', 'tokens', 'latency'] as const;
/** What is compared with its usual: requests a window, share of errors, tokens a request, median latency. */
export type Measure = (typeof measures)[number];

/** How a measure is read, compared and when it is worth a word. Baselines are kept of `level`, on a scale of logarithms. */
export interface MeasureRule {
  /** The value of a window in its own unit; undefined where there is too little to tell. */
  read(usage: Usage): number | undefined;
  /** The value on a scale on which a distance of ln 2 means "twice as much". */
  toLevel(value: number): number;
  fromLevel(level: number): number;
  /** Whether a value is too large to be told from a usual one by the chance of small numbers, and large enough to matter. */
  isTold(usage: Usage, value: number, usual: number): boolean;
  /** Windows in a row that must be unusual. */
  readonly windows: number;
  /** Whether less than usual is told of, and of whom. */
  readonly tellsLess: (kind: SubjectKind) => boolean;
}

/**
 * Half the deviance of a Poisson count: by Chernoff's bound, e to the power of −this is the most that chance does. 20
 * is one in 485 million windows.
 * @see Boucheron, Lugosi, Massart 2013, "Concentration inequalities", section 2.2
 */
const surprise = 20;

function exceedsChance(count: number, expected: number): boolean {
  if (count <= expected) return false;
  const likely = Math.max(expected, 1e-9);
  return count * Math.log(count / likely) - (count - likely) >= surprise;
}

/** Requests this few do not make ten times as many of them worth a word, nor do they make a usual of their own. */
const requestsUnit = 10;
/** An error rate this small does not make ten times as much of it worth a word. */
const rateUnit = 0.005;

export const measureRules: Readonly<Record<Measure, MeasureRule>> = {
  requests: {
    read: ({ requests }) => requests,
    toLevel: (requests) => Math.log1p(requests / requestsUnit),
    fromLevel: (level) => Math.expm1(level) * requestsUnit,
    isTold: (_, requests, usual) =>
      requests > usual ? requests >= 50 && exceedsChance(requests, usual) : usual >= 100,
    windows: 1,
    tellsLess: (kind) => kind === 'model',
  },
  errors: {
    read: ({ requests, errors }) => (requests >= 10 || errors >= 5 ? errors / requests : undefined),
    toLevel: (rate) => Math.log1p(rate / rateUnit),
    fromLevel: (level) => Math.expm1(level) * rateUnit,
    isTold: ({ requests, errors }, _, usual) =>
      errors >= 5 && exceedsChance(errors, requests * Math.max(usual, rateUnit)),
    windows: 1,
    tellsLess: () => false,
  },
  tokens: {
    read: ({ requests, tokens }) => (requests >= 5 ? tokens / requests : undefined),
    toLevel: (tokens) => Math.log1p(tokens),
    fromLevel: (level) => Math.expm1(level),
    // A handful of long requests is chance, but for what fills books.
    isTold: ({ requests, tokens }) => (requests >= 20 && tokens >= 10_000) || tokens >= 100_000,
    windows: 1,
    tellsLess: () => false,
  },
  latency: {
    read: (usage) => (usage.requests >= 10 ? medianLatency(usage) : undefined),
    toLevel: (ms) => Math.log1p(ms),
    fromLevel: (level) => Math.expm1(level),
    isTold: (_, ms) => ms >= 100,
    // One that stands still for a moment, as a machine does that swaps or collects garbage, is no news.
    windows: 2,
    tellsLess: () => false,
  },
};
