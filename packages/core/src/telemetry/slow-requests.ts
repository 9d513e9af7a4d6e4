import type { Clock } from '../ports/clock.ts';
import type { Prediction } from '../ports/prediction-repository.ts';

/** From the mission: what takes longer is looked at. */
export const slowRequestMs = 5_000;

/** Where long answers are the rule, a line for each would be all that a log says. */
const mostPerSecond = 10;

/** A slow request as it is logged: no prompt, no answer, and of the client the id of its key. */
export interface SlowRequest {
  readonly requestId: string;
  /** The route's pattern. */
  readonly path: string;
  readonly durationMs: number;
  readonly client: string;
  readonly model: string;
  readonly version: string;
  readonly outcome: string;
  readonly stream: boolean;
  /** Slow ones since the last line that have none of their own. */
  readonly notLogged?: number;
}

/**
 * Logs requests that took longer than {@link slowRequestMs}, ten a second at the most, and how many it passed over.
 * @returns a function for every request that has ended: a comparison of two numbers for those that were not slow
 */
export function createSlowRequestLog(
  clock: Pick<Clock, 'monotonicMs'>,
  log: (slow: SlowRequest) => void,
): (prediction: Prediction) => void {
  let second = Number.NEGATIVE_INFINITY;
  let logged = 0;
  let notLogged = 0;
  return ({ requestId, route, latencyMs, keyId, model, version, outcome, stream }) => {
    if (latencyMs <= slowRequestMs) return;
    const now = Math.floor(clock.monotonicMs() / 1_000);
    if (now !== second) {
      second = now;
      logged = 0;
    }
    if (logged >= mostPerSecond) {
      notLogged += 1;
      return;
    }
    logged += 1;
    log({
      requestId,
      path: route,
      durationMs: Math.round(latencyMs),
      client: keyId,
      model,
      version,
      outcome,
      stream,
      ...(notLogged === 0 ? {} : { notLogged }),
    });
    notLogged = 0;
  };
}
