import { sendOtlpByFetch } from '@scarmonit/adapters/telemetry/send-otlp';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import { createTelemetryExport, type TelemetryExportPorts } from '@scarmonit/core/telemetry/export-telemetry';
import type { OtelSettings } from '@scarmonit/core/telemetry/read-otel-settings';
import { createSampler } from '@scarmonit/core/telemetry/sampler';
import { Tracer } from '@scarmonit/core/telemetry/tracer';

export interface TracingParts extends Pick<TelemetryExportPorts, 'temporality' | 'keepAlive'> {
  readonly settings: OtelSettings;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly log: (level: 'warn', message: string, details: Readonly<Record<string, unknown>>) => void;
}

export interface ComposedTracing {
  readonly tracer: Tracer;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}

/** Spans and metrics of this process, sent to a receiver of the OpenTelemetry protocol. */
export function composeTracing({ settings, clock, ids, log, ...options }: TracingParts): ComposedTracing {
  for (const problem of settings.problems) log('warn', problem, {});
  // Each process counts for itself, and receivers must not take two for one.
  const resource = { 'service.instance.id': ids.next(), ...settings.resource };
  const telemetry = createTelemetryExport({
    ...options,
    settings: { ...settings, resource },
    clock,
    send: sendOtlpByFetch,
    onError: (error, dropped) => log('warn', 'telemetry could not be sent', { err: error, dropped }),
  });
  const tracer = new Tracer({
    clock,
    ids,
    sampler: createSampler(settings.sampler, settings.samplerRatio),
    onSpan: telemetry.addSpan,
    onAttempt: telemetry.addAttempt,
  });
  return { tracer, close: telemetry.close };
}
