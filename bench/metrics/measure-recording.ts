import { MetricCounters } from '../../packages/core/src/metrics/metric-counters.ts';
import type { Prediction } from '../../packages/core/src/ports/prediction-repository.ts';
import { makePrediction } from './make-prediction.ts';

/** What counting a request costs, in nanoseconds, and what taking a second's counts costs, in milliseconds. */
export interface RecordingCost {
  readonly countNs: number;
  readonly takeMs: number;
  readonly rowsTaken: number;
}

const rounds = 5;
const requestsARound = 400_000;
/** Taken once in so many requests, as a busy gateway takes once a second. */
const takeEvery = 4_000;

/** @param versions that get requests at the same time */
export function measureRecording(versions: number): RecordingCost {
  const requests = Array.from({ length: 20_000 }, (_, index) => makePrediction(index, versions));
  const best: RecordingCost = { countNs: Number.POSITIVE_INFINITY, takeMs: Number.POSITIVE_INFINITY, rowsTaken: 0 };
  return Array.from({ length: rounds }).reduce<RecordingCost>((fastest) => {
    const round = measureRound(requests);
    return {
      countNs: Math.min(fastest.countNs, round.countNs),
      takeMs: Math.min(fastest.takeMs, round.takeMs),
      rowsTaken: round.rowsTaken,
    };
  }, best);
}

function measureRound(requests: readonly Prediction[]): RecordingCost {
  const counters = new MetricCounters('bench');
  let takingMs = 0;
  let takes = 0;
  let rowsTaken = 0;
  const startedAt = performance.now();
  for (let index = 0; index < requestsARound; index += 1) {
    const request = requests[index % requests.length];
    if (request !== undefined) counters.count(request);
    if (index % takeEvery !== takeEvery - 1) continue;
    const takenAt = performance.now();
    rowsTaken = counters.take(request?.createdAt ?? 0).flush.minutes.length;
    takingMs += performance.now() - takenAt;
    takes += 1;
  }
  const elapsedMs = performance.now() - startedAt - takingMs;
  return { countNs: (elapsedMs * 1e6) / requestsARound, takeMs: takingMs / takes, rowsTaken };
}
