import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { Logger } from 'pino';
import type { ComposedTracing } from '../compose-tracing.ts';
import type { HostConfig } from './config.ts';

/** Tracing of one process, where the settings ask for it; imported only then. */
export async function openTracing(
  { otel }: Pick<HostConfig, 'otel'>,
  clock: Clock,
  ids: Pick<Ids, 'next'>,
  logger: Logger,
): Promise<ComposedTracing | undefined> {
  if (otel === undefined) return undefined;
  const { composeTracing } = await import('../compose-tracing.ts');
  return composeTracing({
    settings: otel,
    clock,
    ids,
    temporality: 'cumulative',
    log: (level, message, details) => logger[level](details, message),
  });
}
