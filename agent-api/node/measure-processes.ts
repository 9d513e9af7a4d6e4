import { createProcessMeter } from '@scarmonit/adapters/telemetry/measure-process';
import type { PredictionBuffer } from '@scarmonit/core/services/buffer-predictions';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';
import type { HttpProcesses } from './processes/http-processes.ts';

/** The figures of this process and of those that answer requests beside it. */
export function createMeasureProcesses(
  buffer: Pick<PredictionBuffer, 'waiting' | 'dropped'>,
  processes: Pick<HttpProcesses, 'measure'> | undefined,
): () => Promise<readonly ProcessFigures[]> {
  const measure = createProcessMeter();
  return async () => {
    const others = (await processes?.measure()) ?? [];
    const own = { process: 'primary', recordsWaiting: buffer.waiting, recordsDropped: buffer.dropped };
    return [{ ...measure(), ...own }, ...others];
  };
}
