import type { Temporality } from './otlp-json.ts';
import { type SamplerName, samplerNames } from './sampler.ts';
import type { Attributes } from './span.ts';

/** Where telemetry goes and how, as the standard `OTEL_*` variables say it. */
export interface OtelSettings {
  /** Absent: this signal is not exported. */
  readonly traces?: OtlpTarget;
  readonly metrics?: OtlpTarget;
  readonly resource: Attributes;
  readonly sampler: SamplerName;
  readonly samplerRatio: number;
  /** How long spans wait for others, how many are sent together, and how many wait at the most. */
  readonly scheduleDelayMs: number;
  readonly batchSize: number;
  readonly queueSize: number;
  readonly metricsIntervalMs: number;
  /** Undefined: the host knows best. */
  readonly temporality: Temporality | undefined;
  /** What was set and cannot be used, in sentences for people; the standard wants it told and otherwise ignored. */
  readonly problems: readonly string[];
}

export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;
type Signal = 'traces' | 'metrics';

/**
 * Reads the variables of the standard.
 * @param defaults what the resource says unless the variables say otherwise
 * @returns undefined when nothing is to be exported: no `OTEL_EXPORTER_OTLP…ENDPOINT` is set
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readOtelSettings(env: Env, defaults: Attributes): OtelSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const problems: string[] = [];
  const traces = readTarget(env, 'traces', problems);
  const metrics = readTarget(env, 'metrics', problems);
  if (traces === undefined && metrics === undefined && problems.length === 0) return undefined;
  const whole = (name: string, fallback: number): number => readWhole(env, name, fallback, problems);
  return {
    ...(traces === undefined ? {} : { traces }),
    ...(metrics === undefined ? {} : { metrics }),
    resource: readResource(env, defaults, problems),
    sampler: readSampler(env, problems),
    samplerRatio: readRatio(env, problems),
    scheduleDelayMs: whole('OTEL_BSP_SCHEDULE_DELAY', 5_000),
    batchSize: whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    queueSize: whole('OTEL_BSP_MAX_QUEUE_SIZE', 2_048),
    metricsIntervalMs: whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    temporality: readTemporality(env, problems),
    problems,
  };
}

/** A variable of one signal goes before that of all. */
function forSignal(env: Env, signal: Signal, name: string): string | undefined {
  return env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
}

function readTarget(env: Env, signal: Signal, problems: string[]): OtlpTarget | undefined {
  if (env[`OTEL_${signal.toUpperCase()}_EXPORTER`] === 'none') return undefined;
  const own = env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  // The address of one signal is taken as it is; the common one is where the paths of the signals begin.
  const text = own || (base ? `${base.replace(/\/+$/, '')}/v1/${signal}` : undefined);
  if (text === undefined) return undefined;
  if (!/^https?:\/\/[^\s/]+/.test(text)) {
    problems.push(
      `The endpoint of ${signal}, '${text}', is no address such as http://127.0.0.1:4318. Nothing is sent.`,
    );
    return undefined;
  }
  const protocol = forSignal(env, signal, 'PROTOCOL') ?? 'http/json';
  if (protocol === 'grpc') {
    problems.push(
      `OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which is not spoken here; ${signal} go as http/json, to port 4318 as a rule.`,
    );
  }
  return {
    url: text,
    headers: readPairs(forSignal(env, signal, 'HEADERS') ?? '', 'OTEL_EXPORTER_OTLP_HEADERS', problems),
    timeoutMs: readWhole(
      { value: forSignal(env, signal, 'TIMEOUT') },
      'value',
      10_000,
      problems,
      'OTEL_EXPORTER_OTLP_TIMEOUT',
    ),
    isCompressed: forSignal(env, signal, 'COMPRESSION') === 'gzip',
  };
}

/** `key=value,key=value` with percent-encoded values, as in W3C Baggage. Values are never told: they may be secrets. */
function readPairs(text: string, name: string, problems: string[]): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, at)).trim();
    const value = decode(pair.slice(at + 1).trim());
    if (key === '' || value === undefined) problems.push(`${name} must be key=value,key=value. One pair is left out.`);
    else pairs[key] = value;
  }
  return pairs;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readResource(env: Env, defaults: Attributes, problems: string[]): Attributes {
  const given = readPairs(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '', 'OTEL_RESOURCE_ATTRIBUTES', problems);
  const name = env['OTEL_SERVICE_NAME'];
  return { ...defaults, ...given, ...(name ? { 'service.name': name } : {}) };
}

function readSampler(env: Env, problems: string[]): SamplerName {
  const wanted = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const known = samplerNames.find((name) => name === wanted);
  if (known === undefined) {
    problems.push(
      `OTEL_TRACES_SAMPLER must be one of ${samplerNames.join(', ')}. It is taken for parentbased_always_on.`,
    );
  }
  return known ?? 'parentbased_always_on';
}

function readRatio(env: Env, problems: string[]): number {
  const text = env['OTEL_TRACES_SAMPLER_ARG'];
  if (!text) return 1;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  problems.push('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1. It is taken for 1.');
  return 1;
}

function readWhole(env: Env, variable: string, fallback: number, problems: string[], name = variable): number {
  const text = env[variable];
  if (!text) return fallback;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  problems.push(`${name} must be a whole number above 0. It is taken for ${fallback}.`);
  return fallback;
}

function readTemporality(env: Env, problems: string[]): Temporality | undefined {
  const text = env['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE']?.toLowerCase();
  if (!text) return undefined;
  if (text === 'cumulative' || text === 'delta') return text;
  // Of counts that never fall, low memory means delta too.
  if (text === 'lowmemory') return 'delta';
  problems.push('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE must be cumulative, delta or lowmemory.');
  return undefined;
}
