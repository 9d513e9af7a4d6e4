import type { InferenceCall } from '@scarmonit/core/services/agent-services';
import type { CallContext } from '../app-parts.ts';

/** A call as it comes off the wire. */
export interface CallTarget {
  /** The route's pattern, for records and metrics. */
  readonly route: string;
  readonly model: string;
}

/** Gathers what the service must know besides the body. */
export function openCall(c: CallContext, target: CallTarget, stream: boolean): InferenceCall {
  return {
    requestId: c.get('requestId'),
    key: c.get('key'),
    route: target.route,
    model: target.model,
    pin: c.req.header('x-model-version') || undefined,
    stream,
    signal: c.req.raw.signal,
  };
}
