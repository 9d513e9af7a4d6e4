import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { Tracer } from '@scarmonit/core/telemetry/tracer';
import { composeTracing } from '../compose-tracing.ts';
import type { WorkerConfig } from './config.ts';
import type { KeepAlive } from './keep-alive.ts';
import { log } from './log.ts';

/** An isolate may live no longer than its request and half a minute: what is there is sent soon after the answer. */
const sendAfterMs = 1_000;

/** Tracing of one isolate, where the settings ask for it. */
export function openTracing(
  { otel }: Pick<WorkerConfig, 'otel'>,
  clock: Clock,
  ids: Pick<Ids, 'next'>,
  waitUntil: KeepAlive,
): Tracer | undefined {
  if (otel === undefined) return undefined;
  const settings = { ...otel, scheduleDelayMs: sendAfterMs, metricsIntervalMs: sendAfterMs };
  // Isolates come and go, so that each tells what is new and no sum of its own.
  return composeTracing({ settings, clock, ids, temporality: 'delta', keepAlive: waitUntil, log }).tracer;
}
