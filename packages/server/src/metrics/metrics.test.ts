import type { MetricFamily } from '@scarmonit/core/telemetry/metric-family';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../test/create-test-api.ts';
import { secrets } from '../../test/fake-services.ts';

const families: readonly MetricFamily[] = [
  {
    name: 'scarmonit_requests',
    type: 'counter',
    help: 'Requests,\nand a \\.',
    samples: [{ labels: { model: 'a "b" \\c\nd', version: '1.0.0' }, value: 3 }],
  },
  {
    name: 'scarmonit_request_duration_seconds',
    type: 'histogram',
    help: 'Durations.',
    samples: [
      {
        labels: { model: 'chat' },
        value: {
          buckets: [
            { atMost: 0.5, count: 1 },
            { atMost: 1, count: 2 },
          ],
          count: 4,
          sum: 7.25,
        },
      },
    ],
  },
  { name: 'scarmonit_engine_slots', type: 'gauge', help: 'Slots.', samples: [{ labels: {}, value: 0 }] },
];

const read = (accept?: string) => {
  const api = createTestApi();
  api.state.families = [...families];
  const headers = { authorization: `Bearer ${secrets.read}`, ...(accept === undefined ? {} : { accept }) };
  return api.fetch('/metrics', { headers });
};

describe('/metrics', () => {
  it("is in Prometheus's text format unless asked otherwise", async () => {
    const response = await read();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe(
      [
        '# HELP scarmonit_requests_total Requests,\\nand a \\\\.',
        '# TYPE scarmonit_requests_total counter',
        'scarmonit_requests_total{model="a \\"b\\" \\\\c\\nd",version="1.0.0"} 3',
        '# HELP scarmonit_request_duration_seconds Durations.',
        '# TYPE scarmonit_request_duration_seconds histogram',
        'scarmonit_request_duration_seconds_bucket{model="chat",le="0.5"} 1',
        'scarmonit_request_duration_seconds_bucket{model="chat",le="1.0"} 2',
        'scarmonit_request_duration_seconds_bucket{model="chat",le="+Inf"} 4',
        'scarmonit_request_duration_seconds_sum{model="chat"} 7.25',
        'scarmonit_request_duration_seconds_count{model="chat"} 4',
        '# HELP scarmonit_engine_slots Slots.',
        '# TYPE scarmonit_engine_slots gauge',
        'scarmonit_engine_slots 0',
        '',
      ].join('\n'),
    );
  });

  it('is OpenMetrics for who asks for it, as Prometheus does', async () => {
    const response = await read(
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    );
    expect(response.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('# TYPE scarmonit_requests counter\nscarmonit_requests_total{');
    expect(text).toContain('# UNIT scarmonit_request_duration_seconds seconds\n');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });

  it.each([
    ['application/openmetrics-text', 'application/openmetrics-text'],
    ['application/openmetrics-text;version=0.0.1', 'text/plain'],
    ['application/openmetrics-text;q=0', 'text/plain'],
    ['text/html,*/*;q=0.8', 'text/plain'],
  ])('answers %s with %s', async (accept, type) => {
    expect((await read(accept)).headers.get('content-type')).toMatch(new RegExp(`^${type};`));
  });

  it.each([
    [undefined, 401],
    [secrets.infer, 403],
    [secrets.admin, 200],
  ])('is for keys that may read: %s gets %d', async (secret, status) => {
    const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    expect((await createTestApi().fetch('/metrics', { headers })).status).toBe(status);
  });
});
