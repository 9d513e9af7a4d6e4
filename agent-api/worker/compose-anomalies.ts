import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { type AnomalyParts, type ComposedAnomalies, composeAnomalies } from '../compose-anomalies.ts';

/** What an isolate counts of its requests. `flush` never rejects. */
interface RequestCounts {
  count(prediction: Prediction): void;
  flush(): Promise<void>;
}

/** Anomalies and drift as one isolate counts for them, and as the cron trigger looks for them. */
export interface IsolateAnomalies extends Pick<ComposedAnomalies, 'services' | 'content' | 'everyMinute'> {
  /** Counts what others count. Their flush ends when what was counted here is written too. */
  countBeside(others: RequestCounts): RequestCounts;
}

/** An isolate that ends loses nothing, since its requests stay until this has passed; and so it writes less often. */
const gatherMs = 10_000;

export function composeIsolateAnomalies(parts: AnomalyParts): IsolateAnomalies {
  const { clock } = parts;
  const { services, content, record, flush, everyMinute } = composeAnomalies(parts);
  let writtenAt = Number.NEGATIVE_INFINITY;

  /** Every request waits by itself: what belongs to another one may end with it. */
  const writeInTime = async (): Promise<void> => {
    const waitMs = writtenAt + gatherMs - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.schedule(waitMs, resolve));
    writtenAt = clock.now();
    await flush();
  };
  return {
    services,
    content,
    everyMinute,
    countBeside: (others) => ({
      count: (prediction) => {
        others.count(prediction);
        record(prediction);
      },
      flush: async () => {
        await Promise.all([others.flush(), writeInTime()]);
      },
    }),
  };
}
