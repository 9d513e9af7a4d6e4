import {
  answer,
  completion,
  type MisbehavingUpstream,
  startMisbehavingUpstream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorkerState, startWorkerHost, type WorkerHost, workerTestKey } from './start-worker-host.ts';

const secret = 'uk-of-the-worker';

let upstream: MisbehavingUpstream;
let host: WorkerHost | undefined;
beforeEach(async () => {
  upstream = await startMisbehavingUpstream(answer(200, completion('Hello')));
});
afterEach(async () => {
  await host?.close();
  await upstream.close();
});

function call({ url }: WorkerHost, method: string, path: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${workerTestKey}`, 'content-type': 'application/json' };
  return fetch(url + path, { method, headers, body: JSON.stringify(body) });
}

const ask = (worker: WorkerHost, model: string): Promise<Response> =>
  call(worker, 'POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] });

it('a manifest in D1 sends secrets no longer where the operator no longer lets them, and serves what needs none', async () => {
  const chat = (version: object) => ({ task: 'chat', stable: '1.0.0', versions: { '1.0.0': version } });
  const version = { runtime: 'openai-compatible', baseUrl: upstream.baseUrl, model: 'm' };
  const manifest = {
    apiVersion: 'scarmonit/v1',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
    models: { keyed: chat({ ...version, apiKey: '${UP_API_KEY}' }), free: chat(version) },
  };
  const state = makeWorkerState();
  const { origin } = new URL(upstream.baseUrl);
  const lax = await startWorkerHost({ UP_API_KEY: secret, SCARMONIT_SECRET_ORIGINS: `UP_API_KEY=${origin}` }, state);
  host = lax;
  expect((await call(lax, 'PUT', '/api/admin/manifest', manifest)).status).toBe(200);
  expect((await ask(lax, 'keyed')).status).toBe(200);
  expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
  await lax.kill();

  const strict = await startWorkerHost({ UP_API_KEY: secret }, state);
  host = strict;
  expect((await ask(strict, 'free')).status).toBe(200);
  const refused = await ask(strict, 'keyed');
  expect(refused.status).toBe(503);
  const text = await refused.text();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
  expect(text).toContain('${UP_API_KEY} is not bound to the address of this version');
  expect(text).not.toContain(origin);
  expect(upstream.calls.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${secret}`, undefined]);
  // The same manifest is refused from now on.
  const again = await call(strict, 'PUT', '/api/admin/manifest', manifest);
  const message = expect.stringContaining(`Add UP_API_KEY=${origin} to SCARMONIT_SECRET_ORIGINS`);
  expect([again.status, await again.json()]).toMatchObject([400, { error: { code: 'secret_not_bound', message } }]);
});
