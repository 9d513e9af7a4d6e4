import type { Clock } from '../ports/clock.ts';
import { GenAiMetrics } from './gen-ai-metrics.ts';
import { encodeMetrics, encodeSpans, type Temporality } from './otlp-json.ts';
import type { OtelSettings, OtlpTarget } from './read-otel-settings.ts';
import type { Span } from './span.ts';
import type { EndedAttempt } from './tracer.ts';

/** Sends a body of JSON to a receiver, once. @throws what keeps it from arriving */
export type SendOtlp = (target: OtlpTarget, json: string) => Promise<OtlpAnswer>;

export interface OtlpAnswer {
  readonly status: number;
  /** As the receiver asks, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

export interface TelemetryExportPorts {
  readonly settings: OtelSettings;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly send: SendOtlp;
  /** Where the settings leave it open. */
  readonly temporality: Temporality;
  /** Told of what could not be sent, at most once a minute, and how much was given up so far. Must not throw. */
  onError(error: unknown, dropped: number): void;
  /** Keeps a host that ends with its requests awake until the work is done. */
  keepAlive?(work: Promise<void>): void;
}

export interface TelemetryExport {
  addSpan(span: Span): void;
  addAttempt(attempt: EndedAttempt): void;
  /** Sends what is left, for five seconds at the most. Never rejects. */
  close(): Promise<void>;
}

/** What a receiver may take a second time: too many requests, and gateways that could not reach it. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const firstRetryMs = 1_000;
const longestRetryMs = 32_000;
const mostTries = 5;
const closePatienceMs = 5_000;
const errorEveryMs = 60_000;

/**
 * Collects spans and metrics in memory and sends them in batches beside the requests. What the receiver does not take
 * is tried again for some fifteen seconds; what does not fit in the queue meanwhile is dropped and counted. Memory has a
 * bound, and no request ever waits.
 */
export function createTelemetryExport(ports: TelemetryExportPorts): TelemetryExport {
  const { settings, clock, send, onError, keepAlive } = ports;
  const temporality = settings.temporality ?? ports.temporality;
  const metrics = new GenAiMetrics(temporality, clock.now());
  let spans: Span[] = [];
  let dropped = 0;
  let lastErrorAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const fail = (error: unknown, lost: number): void => {
    dropped += lost;
    if (clock.now() - lastErrorAt < errorEveryMs) return;
    lastErrorAt = clock.now();
    onError(error, dropped);
  };

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.schedule(delayMs, resolve);
    });

  /** @param items how many are lost when it never arrives */
  const deliver = async (target: OtlpTarget, json: string, items: number): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await send(target, json).catch((error: unknown) => ({ error }));
      if ('status' in answer && answer.status >= 200 && answer.status < 300) return;
      const mayTryAgain = !isClosed && tries < mostTries && ('error' in answer || retryable.has(answer.status));
      if (!mayTryAgain) {
        const error =
          'error' in answer ? answer.error : new Error(`The receiver answered with status ${answer.status}.`);
        return fail(error, items);
      }
      const backOffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (tries - 1));
      const askedMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined;
      await wait(Math.min(askedMs ?? backOffMs, longestRetryMs));
    }
  };

  const sendSpans = async (): Promise<void> => {
    const { traces, resource, batchSize } = settings;
    while (traces !== undefined && spans.length > 0) {
      const batch = spans.slice(0, batchSize);
      spans = spans.slice(batchSize);
      await deliver(traces, encodeSpans(resource, batch), batch.length);
    }
  };

  const sendMetrics = async (): Promise<void> => {
    const { metrics: target, resource } = settings;
    const now = clock.now();
    const taken = metrics.take(now);
    if (target === undefined || taken.length === 0) return;
    await deliver(target, encodeMetrics(resource, taken, temporality, now), 0);
  };

  const spansLoop = createLoop(sendSpans, settings.scheduleDelayMs, { wait, keepAlive });
  // Counts that go on from the beginning are told regularly, also when nothing has changed.
  const metricsLoop = createLoop(
    async () => {
      await sendMetrics();
      if (temporality === 'cumulative' && !isClosed) metricsLoop.start();
    },
    settings.metricsIntervalMs,
    { wait, keepAlive },
  );

  return {
    addSpan(span) {
      if (settings.traces === undefined || isClosed) return;
      if (spans.length >= settings.queueSize) return fail(new Error('More spans end than the receiver takes.'), 1);
      spans.push(span);
      if (spans.length >= settings.batchSize) spansLoop.hurry();
      else spansLoop.start();
    },
    addAttempt(attempt) {
      if (settings.metrics === undefined || isClosed) return;
      metrics.add(attempt);
      metricsLoop.start();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.race([Promise.all([sendSpans(), sendMetrics()]), wait(closePatienceMs)]);
    },
  };
}

interface Loop {
  /** Runs it after the delay, unless it is about to run. */
  start(): void;
  /** Runs it now, or again as soon as it has run. */
  hurry(): void;
}

/** Work that runs some time after it was asked for, and never twice at once. */
function createLoop(
  work: () => Promise<void>,
  delayMs: number,
  ports: { wait(delayMs: number): Promise<void>; readonly keepAlive: ((work: Promise<void>) => void) | undefined },
): Loop {
  let phase: 'idle' | 'waiting' | 'running' = 'idle';
  let isWantedAgain = false;

  const run = async (): Promise<void> => {
    if (phase === 'running') {
      isWantedAgain = true;
      return;
    }
    phase = 'running';
    await work();
    phase = 'idle';
    if (isWantedAgain) {
      isWantedAgain = false;
      start();
    }
  };

  const start = (): void => {
    if (phase === 'running') isWantedAgain = true;
    if (phase !== 'idle') return;
    phase = 'waiting';
    const done = ports.wait(delayMs).then(() => (phase === 'waiting' ? run() : undefined));
    ports.keepAlive?.(done);
  };

  return {
    start,
    hurry: () => {
      if (phase === 'running') return;
      const done = run();
      ports.keepAlive?.(done);
    },
  };
}
