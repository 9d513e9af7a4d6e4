import { logMeanExp } from '../statistics/log-mean-exp.ts';
import { logSpaced } from '../statistics/log-spaced.ts';

/**
 * The most requests in a bucket, fixed beforehand. Errors that come in clusters shorter than this do no harm; a larger
 * one would be slower on independent errors.
 */
export const standardBucketSize = 50;

/** Null: however the past went, the next bucket's rate of events is at most `p0`. */
export interface BucketedTest {
  readonly name: 'bucketed';
  /** Strictly between 0 and 1. */
  readonly p0: number;
  readonly bucketSize: number;
}

/** How many buckets there were of each kind. Its size is bounded by the kinds; the order carries nothing. */
export type BucketedStatistics = readonly {
  readonly requests: number;
  readonly events: number;
  readonly buckets: number;
}[];

/**
 * ln E of the bucketed test: an equal mixture of bets λ on the buckets' rates,
 * `E = mean_λ Π_t (1 + λ(k_t − p0·n_t)/N)`, λ in 16 values log-spaced from 0.5 to 0.95/p0.
 * A test martingale in the sense of Waudby-Smith & Ramdas (arXiv 2010.09686, the "betting" family) with bets that are
 * fixed beforehand; buckets in place of requests make it hold when errors come in clusters.
 * @throws RangeError for statistics that no traffic can have
 */
export function bucketedLogE(test: BucketedTest, statistics: BucketedStatistics): number {
  for (const kind of statistics) checkKind(test, kind);
  return logMeanExp(
    bucketedBets(test.p0).map((bet) => {
      let sum = 0;
      for (const { requests, events, buckets } of statistics) {
        sum += buckets * bucketLogFactor(test, bet, requests, events);
      }
      return sum;
    }),
  );
}

/** The bets λ of the mixture. */
export function bucketedBets(p0: number): readonly number[] {
  return logSpaced(0.5, 0.95 / p0, 16);
}

/** What one bucket adds to the ln E of one bet. */
export function bucketLogFactor(test: BucketedTest, bet: number, requests: number, events: number): number {
  return Math.log1p((bet * (events - test.p0 * requests)) / test.bucketSize);
}

function checkKind(test: BucketedTest, { requests, events, buckets }: BucketedStatistics[number]): void {
  const whole = Number.isInteger(requests) && Number.isInteger(events) && Number.isInteger(buckets);
  if (whole && events >= 0 && events <= requests && requests <= test.bucketSize && buckets >= 0) return;
  throw new RangeError(
    `No bucket of ${test.bucketSize} can hold ${requests} requests with ${events} events, ${buckets} times.`,
  );
}
