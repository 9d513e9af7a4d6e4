import type { TraceContext } from './trace-context.ts';

/** Whether a trace is recorded. @param parent of the request, where it brought one */
export type Sampler = (traceId: string, parent: TraceContext | undefined) => boolean;

/** The names of samplers, as `OTEL_TRACES_SAMPLER` has them. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplerNames)[number];

/** Of a trace id, from its end: random, and as many as a number holds exactly (52 bits). */
const randomDigits = 13;

/**
 * @param ratio of `…traceidratio`: the share of new traces that is recorded, from 0 to 1. The same trace is recorded by all
 *   who have the same ratio or a higher one
 * @see https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling
 */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  const threshold = (1 - ratio) * 16 ** randomDigits;
  const decideRoot = (traceId: string): boolean => {
    if (name.endsWith('always_on')) return true;
    if (name.endsWith('always_off')) return false;
    return Number.parseInt(traceId.slice(-randomDigits), 16) >= threshold;
  };
  return name.startsWith('parentbased_')
    ? (traceId, parent) => parent?.isSampled ?? decideRoot(traceId)
    : (traceId) => decideRoot(traceId);
}
