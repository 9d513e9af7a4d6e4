import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { answer, completion } from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, describe, expect, it } from 'vitest';
import { testKey } from '../start-test-host.ts';
import { type Gateway, Opened, patience } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

/** Values by series: the name with its labels. */
async function scrape({ url }: Gateway): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${testKey}` } });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series = '', value] = /^(.*) (\S+)$/.exec(line) ?? [];
      return [series, Number(value)];
    }),
  );
}

/** Over a connection of its own: the processes take new connections in turn. */
function ask(
  { url }: Gateway,
  body: object,
  { path = '/v1/chat/completions', key = testKey, headers = {} } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url + path, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
    asked.on('error', reject);
    asked.on('response', async (response) => {
      await text(response);
      resolve(response.statusCode ?? 0);
    });
    asked.end(JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }));
  });
}

describe('the metrics of several processes', () => {
  it('are the sums of all, whichever of them is asked, and hold no more series for whatever requests say', async () => {
    const gateway = await opened.gateway({ env: { SCARMONIT_PROCESSES: '3' } });
    const model = await gateway.serve({ upstreams: [await opened.upstream(answer(200, completion('Hello')))] });
    const labels = `model="${model}",version="1.0.0",route="/v1/chat/completions",outcome="ok"`;
    const served = `scarmonit_requests_total{${labels}}`;
    const total = async (): Promise<number | undefined> => (await scrape(gateway)).get(served);
    const every = Array.from({ length: 12 }, (_, index) => index);
    expect(new Set(await Promise.all(every.map(() => ask(gateway, { model }))))).toEqual(new Set([200]));
    await expect.poll(total, patience).toBe(12);
    // Each scrape may be answered by another process.
    expect(new Set(await Promise.all(every.map(total)))).toEqual(new Set([12]));
    const before = await scrape(gateway);

    const canary = (index: number): string => `canary-${index}`;
    for (const index of every) {
      const said = {
        user: canary(index),
        metadata: { team: canary(index) },
        temperature: index / 10,
        safety_identifier: canary(index),
      };
      const headers = {
        'x-request-id': canary(index),
        'user-agent': canary(index),
        'x-forwarded-for': `10.0.0.${index}`,
        origin: `https://${canary(index)}.example.com`,
      };
      expect(await ask(gateway, { model, ...said }, { headers })).toBe(200);
      expect(await ask(gateway, { model: canary(index) })).toBe(404);
      expect(await ask(gateway, { model }, { headers: { 'x-model-version': canary(index) } })).toBe(404);
      expect(await ask(gateway, { model }, { path: `/v1/${canary(index)}` })).toBe(404);
      expect(await ask(gateway, { model }, { key: `sk-${canary(index)}-00000000000000000000` })).toBe(401);
    }
    await expect.poll(total, patience).toBe(24);
    const after = await scrape(gateway);
    expect([...after.keys()].filter((series) => !before.has(series))).toEqual([]);
    expect([...after.keys()].filter((series) => series.includes('canary'))).toEqual([]);
  });
});
