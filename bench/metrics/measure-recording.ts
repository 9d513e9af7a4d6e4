import { createHash } from 'node:crypto';
import { createEndUserDigest } from '../../packages/core/src/metrics/end-user.ts';
import { MetricCounters } from '../../packages/core/src/metrics/metric-counters.ts';
import type { Prediction } from '../../packages/core/src/ports/prediction-repository.ts';
import { createMetricsRecorder } from '../../packages/core/src/services/record-metrics.ts';
import { benchNow, makePrediction } from './make-prediction.ts';

/** Processor time: nanoseconds a request, and milliseconds for what is done once a second. */
export interface RecordingCost {
  /** A loop over the requests that records none of them. */
  readonly offNs: number;
  /** The same loop with the name of who asked, by a hash, and the counts. */
  readonly onNs: number;
  /** What a second's counts take to be made ready for the store. */
  readonly takeMs: number;
  readonly rowsTaken: number;
}

const rounds = 7;
const requestsARound = 400_000;
/** Taken once in so many requests, as a busy gateway takes once a second. */
const takeEvery = 4_000;

/** The fastest of several rounds. @param versions that get requests at the same time */
export function measureRecording(versions: number): RecordingCost {
  const requests = Array.from({ length: 20_000 }, (_, index) => makePrediction(index, versions));
  const costs = Array.from({ length: rounds }, () => measureRound(requests));
  const least = (read: (cost: RecordingCost) => number): number => Math.min(...costs.map(read));
  return {
    offNs: Math.round(least(({ offNs }) => offNs)),
    onNs: Math.round(least(({ onNs }) => onNs)),
    takeMs: Number(least(({ takeMs }) => takeMs).toFixed(2)),
    rowsTaken: costs[0]?.rowsTaken ?? 0,
  };
}

function measureRound(requests: readonly Prediction[]): RecordingCost {
  const counters = new MetricCounters('bench');
  const recorder = createMetricsRecorder({
    counters,
    repository: { write: async () => undefined },
    clock: { now: () => benchNow, schedule: () => () => undefined },
    projectId: 'default',
    onError: () => undefined,
  });
  const nameEndUser = createEndUserDigest({
    sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
  });
  let inputTokens = 0;
  const run = (each: (request: Prediction) => void, take: () => void): number => {
    const startedAt = process.cpuUsage().user;
    for (let index = 0; index < requestsARound; index += 1) {
      const request = requests[index % requests.length];
      if (request === undefined) continue;
      inputTokens += request.inputTokens;
      each(request);
      if (index % takeEvery === takeEvery - 1) take();
    }
    return process.cpuUsage().user - startedAt;
  };
  const offUs = run(
    () => undefined,
    () => undefined,
  );
  let takingUs = 0;
  let rowsTaken = 0;
  const onUs = run(
    (request) => {
      nameEndUser({ projectId: request.projectId, keyId: request.keyId, user: request.endUser });
      recorder.record(request);
    },
    () => {
      const takenAt = process.cpuUsage().user;
      rowsTaken = counters.take(benchNow).flush.minutes.length;
      takingUs += process.cpuUsage().user - takenAt;
    },
  );
  if (inputTokens === 0) throw new Error('Nothing was run.');
  return {
    offNs: (offUs * 1_000) / requestsARound,
    onNs: ((onUs - takingUs) * 1_000) / requestsARound,
    takeMs: takingUs / 1_000 / (requestsARound / takeEvery),
    rowsTaken,
  };
}
