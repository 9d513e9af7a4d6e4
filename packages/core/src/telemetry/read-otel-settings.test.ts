import { describe, expect, it } from 'vitest';
import { readOtelSettings } from './read-otel-settings.ts';

const defaults = { 'service.name': 'scarmonit' };
const read = (env: Readonly<Record<string, string>>) => readOtelSettings(env, defaults);
const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318/';

describe('the variables of OpenTelemetry', () => {
  it('turn nothing on without an endpoint, or where the SDK is disabled', () => {
    expect(read({})).toBeUndefined();
    expect(read({ OTEL_SERVICE_NAME: 'chat' })).toBeUndefined();
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
    expect(
      read({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }),
    ).toBeUndefined();
  });

  it('send both signals below the common endpoint, with the defaults of the standard', () => {
    const target = { headers: {}, timeoutMs: 10_000, isCompressed: false };
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({
      traces: { ...target, url: 'http://127.0.0.1:4318/v1/traces' },
      metrics: { ...target, url: 'http://127.0.0.1:4318/v1/metrics' },
      resource: defaults,
      sampler: 'parentbased_always_on',
      samplerRatio: 1,
      scheduleDelayMs: 5_000,
      batchSize: 512,
      queueSize: 2_048,
      metricsIntervalMs: 60_000,
      temporality: undefined,
      problems: [],
    });
  });

  it('let the variable of one signal go before that of all', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/otlp',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc, x-scope = a',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=1',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    expect(settings?.traces).toEqual({
      url: 'https://traces.example/otlp',
      headers: { 'x-key': '1' },
      timeoutMs: 10_000,
      isCompressed: true,
    });
    expect(settings?.metrics).toEqual({
      url: 'http://127.0.0.1:4318/v1/metrics',
      headers: { authorization: 'Basic abc', 'x-scope': 'a' },
      timeoutMs: 2_500,
      isCompressed: true,
    });
  });

  it('name the service and what it runs on', () => {
    expect(
      read({
        OTEL_EXPORTER_OTLP_ENDPOINT,
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=pre%2Dprod',
        OTEL_SERVICE_NAME: 'chat',
      })?.resource,
    ).toEqual({ 'service.name': 'chat', 'deployment.environment.name': 'pre-prod' });
  });

  it('are told where they cannot be used, without their values where those may be secrets', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'my-secret',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_BSP_MAX_QUEUE_SIZE: '-1',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both',
    });
    expect(settings).toMatchObject({ sampler: 'parentbased_always_on', samplerRatio: 1, queueSize: 2_048 });
    expect(settings?.problems).toHaveLength(8);
    expect(settings?.problems.join(' ')).not.toContain('my-secret');
  });

  it('keep an endpoint that is no address from being silent', () => {
    const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
    expect(settings?.traces).toBeUndefined();
    expect(settings?.problems[0]).toContain('http://127.0.0.1:4318');
  });
});
