import { expect, it } from 'vitest';
import { createMetricsClient } from './create-metrics-client.ts';
import { createHttpTransport } from './http-transport.ts';

it('asks for the figures of a window, and reads what comes', async () => {
  const asked: string[] = [];
  const answers: readonly unknown[] = [
    { from: 0, to: 60_000, stepMs: 60_000, refused: null, models: [] },
    { from: 0, to: 60_000, stepMs: 60_000, times: [0], lines: [{ version: '1.0.0', points: [] }] },
  ];
  const client = createMetricsClient(
    createHttpTransport({
      baseUrl: 'http://server.test',
      apiKey: 'sk-secret',
      fetch: async (url) => {
        asked.push(String(url).replace('http://server.test', ''));
        return Response.json(answers[asked.length - 1]);
      },
    }),
  );
  expect((await client.readOverview({ window: '24h' })).models).toEqual([]);
  const series = await client.readMetricsSeries({ model: 'chat', window: '15m', by: 'version' });
  expect(series.lines[0]?.version).toBe('1.0.0');
  expect(asked).toEqual([
    '/api/admin/overview?window=24h',
    '/api/admin/metrics/series?model=chat&window=15m&by=version',
  ]);
});
