import { describe, expect, it } from 'vitest';
import { readTraceContext, toTraceHeaders } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('the context of a trace', () => {
  it('is handed on as it came', () => {
    const traceparent = `00-${traceId}-${spanId}-01`;
    const context = readTraceContext(traceparent, 'vendor=1,other=2');
    expect(context).toEqual({ traceId, spanId, isSampled: true, state: 'vendor=1,other=2' });
    expect(context === undefined ? undefined : toTraceHeaders(context)).toEqual({
      traceparent,
      tracestate: 'vendor=1,other=2',
    });
  });

  it('is not sampled where the flag is not set, whatever the others say', () => {
    expect(readTraceContext(`00-${traceId}-${spanId}-02`, undefined)).toEqual({ traceId, spanId, isSampled: false });
  });

  it('is read as far as it is known from a newer version', () => {
    expect(readTraceContext(`cc-${traceId}-${spanId}-01-what-comes-later`, undefined)?.traceId).toBe(traceId);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId.slice(1)}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
  ])('does not exist in %j', (traceparent) => {
    expect(readTraceContext(traceparent, 'vendor=1')).toBeUndefined();
  });

  it('leaves a state out that is too long', () => {
    expect(readTraceContext(`00-${traceId}-${spanId}-01`, 'a'.repeat(513))?.state).toBeUndefined();
  });
});
