import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answer,
  completion,
  type MisbehavingUpstream,
  startMisbehavingUpstream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostProcess, killHostProcesses, startHostProcess } from '../start-host-process.ts';
import { testKey } from '../start-test-host.ts';
import { patience, upstreamKey } from './open-gateway.ts';

let folder: string;
let bound: MisbehavingUpstream;
let thief: MisbehavingUpstream;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-secrets-'));
  bound = await startMisbehavingUpstream(answer(200, completion('Hello')));
  thief = await startMisbehavingUpstream(answer(200, completion('thanks')));
});
afterEach(async () => {
  await killHostProcesses();
  await Promise.all([bound.close(), thief.close()]);
  rmSync(folder, { recursive: true, force: true });
});

type Versions = Readonly<Record<string, { readonly baseUrl: string; readonly timeoutMs?: number }>>;

/** JSON is YAML. */
function toManifest(versions: Versions): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
  const common = { runtime: 'openai-compatible', model: 'mock-1', apiKey: '${UPSTREAM_API_KEY}' };
  const all = Object.entries(versions).map(([version, settings]) => [version, { ...common, ...settings }]);
  const stable = Object.keys(versions).at(-1);
  return JSON.stringify({
    apiVersion: 'scarmonit/v1',
    models: { chat: { task: 'chat', stable, versions: Object.fromEntries(all) } },
  });
}

const writeManifest = (versions: Versions): void => writeFileSync(join(folder, 'scarmonit.yaml'), toManifest(versions));

const startHost = (env: Readonly<Record<string, string>> = {}): Promise<HostProcess> =>
  startHostProcess({
    dataDir: join(folder, 'data'),
    manifestPath: join(folder, 'scarmonit.yaml'),
    adminKey: testKey,
    env: { UPSTREAM_API_KEY: upstreamKey, ...env },
  });

interface Refusable {
  readonly status: number;
  readonly code: string | undefined;
}

async function send(host: HostProcess, method: string, path: string, body: string): Promise<Refusable> {
  const headers = { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' };
  const response = await fetch(`${host.url}${path}`, { method, headers, body });
  const read = (await response.json()) as { error?: { code: string; message: string } };
  expect(JSON.stringify(read)).not.toContain(upstreamKey);
  return { status: response.status, code: read.error?.code };
}

const apply = (host: HostProcess, versions: Versions) => send(host, 'PUT', '/api/admin/manifest', toManifest(versions));

async function ask(host: HostProcess, version = 'stable'): Promise<number> {
  const response = await fetch(`${host.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${testKey}`,
      'content-type': 'application/json',
      'x-model-version': version,
      connection: 'close',
    },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.text();
  return response.status;
}

const keysSeenBy = ({ calls }: MisbehavingUpstream): readonly (string | undefined)[] => [
  ...new Set(calls.map(({ headers }) => headers.authorization)),
];

/** Registers a version and gives it a first share of the traffic, which it keeps. */
async function rollOut(host: HostProcess, version: string, baseUrl: string): Promise<void> {
  const declared = Object.values(JSON.parse(toManifest({ [version]: { baseUrl } })).models.chat.versions)[0];
  const registered = await send(host, 'PUT', `/api/admin/models/chat/versions/${version}`, JSON.stringify(declared));
  expect(registered.status).toBe(200);
  const settings = { strategy: 'canary', steps: [1], minBakeMinutes: 60 };
  const started = await send(
    host,
    'POST',
    '/api/admin/rollouts',
    JSON.stringify({ model: 'chat', to: version, settings }),
  );
  expect(started.status).toBeLessThan(300);
  await expect.poll(() => ask(host, version), patience).toBe(200);
}

async function end(host: HostProcess): Promise<void> {
  host.signal('SIGTERM');
  expect(await host.ended).toBe(0);
}

const refused: Refusable = { status: 400, code: 'secret_not_bound' };

describe.each([1, 2])('the secrets of a host with %i HTTP processes', (processes) => {
  const env = { SCARMONIT_PROCESSES: String(processes) };

  it('go where the manifest file says, and nowhere else at the word of whoever may apply one', async () => {
    writeManifest({ '1.0.0': { baseUrl: bound.baseUrl } });
    const host = await startHost(env);
    const port = new URL(thief.baseUrl).port;
    expect(await apply(host, { '1.0.0': { baseUrl: bound.baseUrl }, '2.0.0': { baseUrl: thief.baseUrl } })).toEqual(
      refused,
    );
    expect(await apply(host, { '2.0.0': { baseUrl: bound.baseUrl.replace('http:', 'https:') } })).toEqual(refused);
    const version = { runtime: 'openai-compatible', model: 'm', baseUrl: `http://localhost:${port}/v1` };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
    const stolen = JSON.stringify({ ...version, apiKey: '${UPSTREAM_API_KEY}' });
    expect(await send(host, 'PUT', '/api/admin/models/chat/versions/3.0.0', stolen)).toEqual(refused);

    // The same origin is bound, whatever its path, and so is what the file keeps saying.
    const elsewhere = { baseUrl: bound.baseUrl.replace('/v1', '/other/v1') };
    const accepted = await apply(host, { '1.0.0': { baseUrl: bound.baseUrl, timeoutMs: 9_000 }, '4.0.0': elsewhere });
    expect(accepted.status).toBe(200);
    for (let turn = 0; turn < 2 * processes; turn += 1) {
      expect([await ask(host, '4.0.0'), await ask(host, '1.0.0')]).toEqual([200, 200]);
      expect([await ask(host, '2.0.0'), await ask(host, '3.0.0')]).toEqual([404, 404]);
    }
    expect(new Set(bound.calls.map(({ path }) => path))).toEqual(
      new Set(['/v1/chat/completions', '/other/v1/chat/completions']),
    );
    expect(keysSeenBy(bound)).toEqual([`Bearer ${upstreamKey}`]);
    expect(thief.connections).toBe(0);

    await end(host);
  });

  it('go where they are bound after a restart, for a version that only the store knows', async () => {
    writeManifest({ '1.0.0': { baseUrl: bound.baseUrl } });
    const host = await startHost(env);
    await rollOut(host, '2.0.0', bound.baseUrl.replace('/v1', '/other/v1'));
    await end(host);
    const again = await startHost(env);
    for (let turn = 0; turn < 2 * processes; turn += 1) expect(await ask(again, '2.0.0')).toBe(200);
    expect(bound.calls.at(-1)?.path).toBe('/other/v1/chat/completions');
    expect(keysSeenBy(bound)).toEqual([`Bearer ${upstreamKey}`]);
    await end(again);
  });

  it('go no longer where the operator no longer lets them, though the store still says so', async () => {
    writeManifest({ '1.0.0': { baseUrl: bound.baseUrl } });
    const lax = { ...env, SCARMONIT_SECRET_ORIGINS: `UPSTREAM_API_KEY=${new URL(thief.baseUrl).origin}` };
    const host = await startHost(lax);
    await rollOut(host, '2.0.0', thief.baseUrl);
    expect(await ask(host, '2.0.0')).toBe(200);
    expect(keysSeenBy(thief)).toEqual([`Bearer ${upstreamKey}`]);
    await end(host);
    const before = thief.calls.length;

    const strict = await startHost(env);
    for (let turn = 0; turn < 2 * processes; turn += 1) expect(await ask(strict, '2.0.0')).toBe(503);
    expect(await ask(strict, '1.0.0')).toBe(200);
    const headers = { authorization: `Bearer ${testKey}` };
    const shown = await (await fetch(`${strict.url}/api/admin/models/chat`, { headers })).text();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
    expect(shown).toContain('${UPSTREAM_API_KEY} is not bound to the address of this version');
    expect(thief.calls).toHaveLength(before);
    await end(strict);
  });
});

describe('the addresses that the manifest file has bound', () => {
  const path = (): string => join(folder, 'data', 'secret-origins.json');
  const read = (): unknown => JSON.parse(readFileSync(path(), 'utf8'));
  const originOf = ({ baseUrl }: MisbehavingUpstream): string => new URL(baseUrl).origin;

  it('follow the file, and are kept for versions that it no longer names', async () => {
    writeManifest({ '1.0.0': { baseUrl: bound.baseUrl } });
    const host = await startHost();
    expect(read()).toEqual({ UPSTREAM_API_KEY: [originOf(bound)] });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    writeManifest({ '2.0.0': { baseUrl: thief.baseUrl } });
    host.signal('SIGHUP');
    await expect.poll(() => ask(host, '2.0.0'), patience).toBe(200);
    expect(keysSeenBy(thief)).toEqual([`Bearer ${upstreamKey}`]);
    // Back to what the file had before, which somebody applies in an emergency.
    expect((await apply(host, { '1.0.0': { baseUrl: bound.baseUrl } })).status).toBe(200);
    await end(host);
    const again = await startHost();
    expect((await apply(again, { '1.0.0': { baseUrl: bound.baseUrl } })).status).toBe(200);
    expect(await ask(again, '1.0.0')).toBe(200);
    await end(again);
    const both = [originOf(bound), originOf(thief)].sort();
    expect(read()).toEqual({ UPSTREAM_API_KEY: both });
  });

  it('give way to what the operator says in the environment', async () => {
    writeManifest({ '1.0.0': { baseUrl: thief.baseUrl } });
    await end(await startHost());
    writeManifest({ '2.0.0': { baseUrl: bound.baseUrl } });
    const host = await startHost({ SCARMONIT_SECRET_ORIGINS: `UPSTREAM_API_KEY=${originOf(bound)}/v1` });
    expect(read()).toEqual({ UPSTREAM_API_KEY: [originOf(bound)] });
    expect(await apply(host, { '1.0.0': { baseUrl: thief.baseUrl } })).toEqual(refused);
    await end(host);
  });

  it('are not guessed at when their file is damaged', async () => {
    writeManifest({ '1.0.0': { baseUrl: bound.baseUrl } });
    await end(await startHost());
    writeFileSync(path(), '{"UPSTREAM_API_KEY":');
    await expect(startHost()).rejects.toThrow('secret-origins.json is damaged. Delete it');
  });
});
