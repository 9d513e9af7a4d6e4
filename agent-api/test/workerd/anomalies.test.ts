import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { driftReportSchema } from '@scarmonit/protocol/admin/drift';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ComposedApp, compose } from '../../worker/compose.ts';
import type { Env } from '../../worker/env.ts';

const adminKey = 'sk-scarmonit-only-for-tests';
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** A Monday at noon. */
const noon = 1_700_481_600_000;
const bindings = env as unknown as Env;

/** An isolate of its own. */
function openIsolate(): ComposedApp {
  return compose({
    ...bindings,
    AI: { run: async () => ({ response: 'Hello', usage: { prompt_tokens: 5, completion_tokens: 40 } }) },
    API_KEY: adminKey,
    ENCRYPTION_KEY: '0123456789abcdef',
    MIGRATE_AT_START: 'true',
  });
}

async function ask(app: ComposedApp, method: string, path: string, body?: unknown): Promise<unknown> {
  await app.prepare();
  const headers = { authorization: `Bearer ${adminKey}` };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return (await app.fetch(new Request(`https://agent.example.com${path}`, init))).json();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(noon);
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

it('takes a data set as a reference, whichever isolate gets it', async () => {
  const model = 'llama-3-8b-instruct';
  const app = openIsolate();
  const examples = Array.from({ length: 200 }, () => ({ input: 'Hello', inputTokens: 5, outputTokens: 40 }));
  const taken = await ask(app, 'PUT', '/api/admin/drift/reference', { model, examples });
  expect(taken).toMatchObject({
    model,
    features: [{ isReference: true }, { isReference: true }, { isReference: true }],
  });
  const { data } = driftReportSchema.parse(await ask(openIsolate(), 'GET', '/api/admin/drift'));
  expect(data.map(({ feature, state, referenceRequests }) => [feature, state, referenceRequests])).toEqual([
    ['input-tokens', 'watching', 200],
    ['output-tokens', 'watching', 200],
    ['script', 'watching', 200],
  ]);
});

it('adds up what isolates count, and judges it when the trigger comes', async () => {
  const isolates = [openIsolate(), openIsolate()];
  const [first] = isolates;
  if (first === undefined) throw new Error('There is no isolate.');
  await first.prepare();
  await first.runEveryMinute(Date.now());
  for (const isolate of isolates) {
    for (let time = 0; time < 2; time += 1) {
      // What is counted is written at once, when nothing was for ten seconds.
      vi.setSystemTime(Date.now() + 11_000);
      const messages = [{ role: 'user', content: 'Привет' }];
      await ask(isolate, 'POST', '/v1/chat/completions', { model: 'llama-3-8b-instruct', messages });
    }
  }
  const written = async () => {
    const { results } = await bindings.DB.prepare(
      "select sum(requests) as n from usage_windows where kind = 'key'",
    ).all();
    return results;
  };
  await expect.poll(written, { timeout: 10_000 }).toEqual([{ n: 4 }]);

  vi.setSystemTime(noon + 7 * minuteMs);
  await first.runEveryMinute(Date.now());
  expect(await written()).toEqual([{ n: null }]);
  const known = await bindings.DB.prepare('select kind, is_open from known_subjects order by kind').all();
  expect(known.results).toEqual([
    { kind: 'key', is_open: 0 },
    { kind: 'model', is_open: 0 },
  ]);

  vi.setSystemTime(noon + dayMs);
  await first.runEveryMinute(Date.now());
  const { data } = driftReportSchema.parse(await ask(first, 'GET', '/api/admin/drift'));
  expect(data.map(({ feature, referenceRequests }) => [feature, referenceRequests])).toEqual([
    ['input-tokens', 4],
    ['output-tokens', 4],
  ]);
});
