import type { InferenceCall } from '@scarmonit/core/services/agent-services';
import type { CallContext } from '../app-parts.ts';

/** A call as it comes off the wire. */
export interface CallTarget {
  /** The route's pattern, for records and metrics. */
  readonly route: string;
  readonly model: string;
}

/** What a body says beyond the work: whether to stream, and for whom it is. */
interface CallBody {
  readonly [field: string]: unknown;
  readonly stream?: unknown;
  readonly user?: unknown;
}

/** Gathers what the service must know besides the body. */
export function openCall(c: CallContext, target: CallTarget, { stream, user }: CallBody): InferenceCall {
  c.set('isOpened', true);
  return {
    requestId: c.get('requestId'),
    key: c.get('key'),
    route: target.route,
    model: target.model,
    pin: c.req.header('x-model-version') || undefined,
    stream: stream === true,
    user: typeof user === 'string' ? user : undefined,
    header: (name) => c.req.header(name),
    signal: c.req.raw.signal,
    trace: c.get('trace'),
  };
}
