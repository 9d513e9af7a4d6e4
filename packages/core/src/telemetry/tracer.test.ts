import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import { createSampler } from './sampler.ts';
import type { Span } from './span.ts';
import { type EndedAttempt, Tracer } from './tracer.ts';

const spec = { model: 'chat', version: '1.0.0', task: 'chat', runtime: 'openai-compatible' } as VersionSpec;
const route = '/v1/chat/completions';
const request = { method: 'POST', route, traceparent: undefined, tracestate: undefined };
const traceId = '0af7651916cd43dd8448eb211c80319c';

let clock: FakeClock;
let spans: Span[];
let attempts: EndedAttempt[];
let tracer: Tracer;
beforeEach(() => {
  clock = createFakeClock();
  spans = [];
  attempts = [];
  let made = 0;
  tracer = new Tracer({
    clock,
    ids: {
      next: () => {
        made += 1;
        return made.toString(16).padStart(16, '0').repeat(2);
      },
    },
    sampler: createSampler('parentbased_always_on', 1),
    onSpan: (span) => spans.push(span),
    onAttempt: (attempt) => attempts.push(attempt),
  });
});

describe('the trace of a request', () => {
  it('goes on with the one that the request brings, and hands it on to what the version asks', () => {
    const trace = tracer.begin({
      ...request,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      tracestate: 'vendor=1',
    });
    const attempt = trace.beginAttempt(spec, route, 'chat');
    expect(attempt.headers).toEqual({ traceparent: `00-${traceId}-0000000000000002-01`, tracestate: 'vendor=1' });
    attempt.end(testPrediction());
    trace.answer(200, 'key1');
    expect(spans).toMatchObject([
      { traceId, spanId: '0000000000000002', parentSpanId: '0000000000000001', kind: 'client', state: 'vendor=1' },
      { traceId, spanId: '0000000000000001', parentSpanId: 'b7ad6b7169203331', kind: 'server', state: 'vendor=1' },
    ]);
  });

  it('ends its span when the stream has ended, and not when its first byte is sent', async () => {
    const trace = tracer.begin(request);
    const attempt = trace.beginAttempt(spec, route, 'chat');
    await clock.advance(50);
    trace.answer(200, 'key1');
    expect(spans).toEqual([]);
    await clock.advance(200);
    attempt.end(testPrediction({ latencyMs: 250 }));
    expect(spans.map(({ startedAt, endedAt }) => endedAt - startedAt)).toEqual([250, 250]);
  });

  it('has a span for each attempt, of which those that failed say so', () => {
    const trace = tracer.begin(request);
    trace.beginAttempt(spec, route, 'chat').end(testPrediction({ outcome: 'timeout', status: 504 }));
    trace.beginAttempt({ ...spec, model: 'other' }, route, 'chat').end(testPrediction({ model: 'other' }));
    trace.answer(200, 'key1');
    expect(spans.map(({ name, isError }) => [name, isError])).toEqual([
      ['chat chat', true],
      ['chat chat', false],
      ['POST /v1/chat/completions', false],
    ]);
    expect(spans[0]?.attributes['error.type']).toBe('timeout');
    expect(spans[1]?.attributes).toMatchObject({
      'gen_ai.request.model': 'chat',
      'gen_ai.response.model': 'other',
    });
  });

  it('is an error of the server only from status 500 on', () => {
    tracer.begin(request).answer(429, undefined);
    tracer.begin(request).answer(503, undefined);
    expect(spans.map(({ isError, attributes }) => [isError, attributes['error.type']])).toEqual([
      [false, undefined],
      [true, '503'],
    ]);
  });

  it('counts for the metrics also where it is not recorded', () => {
    const trace = tracer.begin({ ...request, traceparent: `00-${traceId}-b7ad6b7169203331-00` });
    const attempt = trace.beginAttempt(spec, route, undefined);
    expect(attempt.headers.traceparent).toBe(`00-${traceId}-0000000000000002-00`);
    attempt.end(testPrediction());
    trace.answer(200, 'key1');
    expect(spans).toEqual([]);
    expect(attempts).toMatchObject([{ askedFor: 'chat', operation: { name: 'chat', provider: 'openai' } }]);
  });

  it.each([
    ['chat', '/v1/completions', 'text_completion'],
    ['chat', '/api/chat', 'chat'],
    ['embedding', '/v1/embeddings', 'embeddings'],
    ['classification', '/api/infer', 'classification'],
  ] as const)('calls %s by %s %s', (task, path, operation) => {
    tracer
      .begin(request)
      .beginAttempt({ ...spec, task } as VersionSpec, path, undefined)
      .end(testPrediction());
    expect(attempts[0]?.operation.name).toBe(operation);
  });
});
