import type { Clock } from '@scarmonit/core/ports/clock';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { createSlowRequestLog } from '@scarmonit/core/telemetry/slow-requests';
import type { Logger } from 'pino';

/** To be given each request as it ended. */
export function logSlowRequests(clock: Pick<Clock, 'monotonicMs'>, logger: Logger): (prediction: Prediction) => void {
  return createSlowRequestLog(clock, (slow) => logger.warn(slow, 'a request was slow'));
}
