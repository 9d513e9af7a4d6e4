import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HistoryPage } from '@scarmonit/protocol/admin/history';
import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import type { VersionRecordView } from '@scarmonit/protocol/admin/version';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type FaultyUpstream, startFaultyUpstream } from './rollouts/faulty-upstream.ts';
import { NodeHost } from './rollouts/node-host.ts';
import { patience, RolloutHost } from './rollouts/rollout-host.ts';
import { killHostProcesses } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const processes = 2;
const program = fileURLToPath(new URL('../../cli/bin/scarmonit.mjs', import.meta.url));

vi.setConfig({ testTimeout: 240_000 });

const host = new RolloutHost(new NodeHost({ SCARMONIT_PROCESSES: String(processes) }));
let upstream: FaultyUpstream;
const models = ['registered', 'warm', 'deprecated', 'remembered'];
beforeAll(async () => {
  upstream = await startFaultyUpstream();
  const model = {
    task: 'chat',
    goals: { maxErrorRate: 0.5 },
    rollout: { strategy: 'canary', steps: [50], minBakeMinutes: 60 },
    stable: '1.0.0',
    versions: { '1.0.0': declare('1.0.0') },
  };
  const declared = Object.fromEntries(models.map((name) => [name, model]));
  await host.start(JSON.stringify({ apiVersion: 'scarmonit/v1', models: declared }));
});
afterAll(async () => {
  await host.close();
  await killHostProcesses();
  await upstream.close();
});

function declare(version: string): object {
  return { runtime: 'openai-compatible', baseUrl: upstream.baseUrl, model: `upstream-${version}` };
}

async function register(model: string, version: string, declaration: object = declare(version)) {
  const response = await fetch(`${host.url}/api/admin/models/${model}/versions/${version}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'text/yaml' },
    body: JSON.stringify(declaration),
  });
  const body = (await response.json()) as VersionRecordView & { error?: { code: string } };
  return { status: response.status, body };
}

async function startRollout(model: string, to: string, settings: object = {}, reason = ''): Promise<string> {
  const wanted = { model, to, settings, reason };
  const { status, body } = await host.ask<RolloutDetailView>('admin/rollouts', wanted);
  expect({ status, body }).toMatchObject({ status: 201 });
  await host.until(body.id, 'canary');
  return body.id;
}

/** Promotes it through its last step. */
async function promote(id: string, reason = ''): Promise<void> {
  for (const phase of ['bake', 'active']) {
    expect((await host.command(id, 'promote', { reason })).body.state.phase).toBe(phase);
  }
}

interface Answered {
  readonly status: number | undefined;
  /** Of an answer that is none. */
  readonly error: string | undefined;
  readonly version: unknown;
  readonly deprecation: unknown;
  readonly sunset: unknown;
}

/** Over a connection of its own: the processes take new connections in turn. */
function askOnce(model: string, pin?: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${testKey}`,
      'content-type': 'application/json',
      ...(pin === undefined ? {} : { 'x-model-version': pin }),
    };
    const options = { method: 'POST', agent: false, headers };
    const asked = request(`${host.url}/v1/chat/completions`, options, (response) => {
      const { 'x-model-version': version, deprecation, sunset } = response.headers;
      const { statusCode: status } = response;
      json(response).then((body) => resolve({ status, error: errorOf(body), version, deprecation, sunset }), reject);
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }));
  });
}

function errorOf(body: unknown): string | undefined {
  return (body as { readonly error?: { readonly message: string } }).error?.message;
}

/** The different answers of all processes. */
async function askEach(model: string, pin?: string): Promise<readonly Answered[]> {
  const answers = await Promise.all(Array.from({ length: processes * 3 }, () => askOnce(model, pin)));
  return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()];
}

async function pinnedStatuses(model: string, pin: string): Promise<readonly (number | undefined)[]> {
  return (await askEach(model, pin)).map(({ status }) => status);
}

it('loads a registered version in every process when its rollout starts, and unloads it after the roll-back', async () => {
  const model = 'registered';
  expect(await register(model, '2.0.0')).toMatchObject({ status: 200, body: { status: 'testing', state: null } });
  expect(await register(model, '2.0.0')).toMatchObject({ status: 200 });
  const other = await register(model, '2.0.0', { ...declare('2.0.0'), model: 'another' });
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'version_immutable' } } });
  expect(await pinnedStatuses(model, '2.0.0')).toEqual([404]);

  const id = await startRollout(model, '2.0.0');
  await expect.poll(() => askEach(model, '2.0.0'), patience).toMatchObject([{ status: 200, version: '2.0.0' }]);
  await host.command(id, 'rollback');
  await expect.poll(() => pinnedStatuses(model, '2.0.0'), patience).toEqual([404]);
  const error = expect.stringContaining(`The model '${model}' has no live version '2.0.0'.`);
  expect(await askEach(model, '2.0.0')).toEqual([{ status: 404, error }]);
  const { body } = await host.ask<VersionRecordView>(`admin/models/${model}/versions/2.0.0`);
  expect(body).toMatchObject({ status: 'testing', state: null });
  expect(await askEach(model)).toMatchObject([{ status: 200, version: '1.0.0' }]);
});

it('lets one of two who promote on the same view win', async () => {
  const model = 'registered';
  const id = await startRollout(model, '2.0.0');
  const { state } = await host.detail(id);
  const decision = { revision: state.revision };
  const answers = await Promise.all([host.command(id, 'promote', decision), host.command(id, 'promote', decision)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
    error: { code: 'revision_conflict', message: expect.stringContaining('Somebody else changed the deployment') },
  });
  expect((await host.detail(id)).state.phase).toBe('bake');
  await host.command(id, 'abort');
});

it('keeps the version before a promotion warm for the retention time, also after kill -9, and not longer', async () => {
  const model = 'warm';
  for (const version of ['2.0.0', '3.0.0']) await register(model, version);
  await promote(await startRollout(model, '2.0.0'));
  const long = await startRollout(model, '3.0.0', { retentionMinutes: 60 });
  await promote(long);
  await host.kill();
  await host.start();
  await expect.poll(() => askEach(model, '2.0.0'), patience).toMatchObject([{ status: 200, version: '2.0.0' }]);
  expect((await host.command(long, 'rollback')).body.traffic).toMatchObject({ stable: '2.0.0', weight: 0 });
  await expect.poll(() => pinnedStatuses(model, '3.0.0'), patience).toEqual([404]);

  await promote(await startRollout(model, '3.0.0', { retentionMinutes: 0.01 }));
  await expect.poll(() => pinnedStatuses(model, '2.0.0'), patience).toEqual([404]);
  expect(await askEach(model)).toMatchObject([{ status: 200, version: '3.0.0' }]);
  // What the manifest declares is as it says.
  expect(await askEach(model, '1.0.0')).toMatchObject([{ status: 200, version: '1.0.0' }]);
});

it('answers with a deprecated version only when it is pinned, and every process says so', async () => {
  const model = 'deprecated';
  await register(model, '2.0.0');
  const deprecate = (version: string, decision: object) =>
    host.ask<VersionRecordView>(`admin/models/${model}/versions/${version}/deprecation`, decision);
  expect(await deprecate('1.0.0', {})).toMatchObject({ status: 409, body: { error: { code: 'version_has_traffic' } } });
  await promote(await startRollout(model, '2.0.0'));
  const sunsetAt = Date.UTC(2031, 0, 31, 12);
  const { body } = await deprecate('1.0.0', { sunsetAt, reason: 'too wordy' });
  const since = body.deprecation?.since ?? 0;
  await expect
    .poll(() => askEach(model, '1.0.0'), patience)
    .toEqual([
      {
        status: 200,
        version: '1.0.0',
        deprecation: `@${Math.floor(since / 1_000)}`,
        sunset: 'Fri, 31 Jan 2031 12:00:00 GMT',
      },
    ]);
  const inUse = { status: 200, version: '2.0.0' };
  expect(await askEach(model)).toEqual([inUse]);
  expect(await askEach(model, 'stable')).toEqual([inUse]);
  const refused = await host.ask('admin/rollouts', { model, to: '1.0.0' });
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'version_deprecated' } } });
  await deprecate('1.0.0', { deprecated: false });
  await expect
    .poll(() => askEach(model, '1.0.0'), patience)
    .toMatchObject([{ status: 200, deprecation: undefined, sunset: undefined }]);
});

it('tells what served at any time, with which weights, decided by whom and why', async () => {
  const model = 'remembered';
  await register(model, '2.0.0');
  const applied = await passMoment();
  const id = await startRollout(model, '2.0.0', {}, 'shorter answers');
  const started = await passMoment();
  await promote(id, 'people like it');
  const promoted = await passMoment();
  await host.command(id, 'rollback', { reason: 'too terse' });
  const rolledBack = await passMoment();

  const person = testKey.slice(0, 8);
  const none = { candidate: null, weight: 0 };
  const served = [
    { at: applied, stable: '1.0.0', ...none, decidedBy: 'manifest', reason: 'the manifest declares the model' },
    { at: started, stable: '1.0.0', candidate: '2.0.0', weight: 0.5, decidedBy: 'controller' },
    { at: promoted, stable: '2.0.0', ...none, decidedBy: person, reason: '2.0.0 is stable: people like it' },
    { at: rolledBack, stable: '1.0.0', ...none, decidedBy: person, reason: 'too terse' },
  ];
  for (const { at, ...expected } of served) {
    const { body } = await host.ask<HistoryPage>(`admin/models/${model}/history?limit=1&at=${at}`);
    expect(body.data).toMatchObject([expected]);
    expect(await runHistory(model, at)).toEqual(body);
  }
  const before = await host.ask<HistoryPage>(`admin/models/${model}/history?at=${applied - 3_600_000}`);
  expect(before.body.data).toEqual([]);
  const states = (await host.detail(id)).states.map(({ reason }) => reason);
  expect(states[0]).toBe('shorter answers');
});

/** A time after all that has happened and before all that will: history is told by whole milliseconds. */
async function passMoment(): Promise<number> {
  const moment = Date.now();
  await vi.waitUntil(() => Date.now() > moment, { interval: 1 });
  return moment;
}

async function runHistory(model: string, at: number): Promise<unknown> {
  const when = new Date(at).toISOString();
  const args = ['history', model, '--at', when, '--limit', '1', '--json'];
  const env = { ...process.env, SCARMONIT_URL: host.url, SCARMONIT_API_KEY: testKey };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
  return JSON.parse(stdout);
}
