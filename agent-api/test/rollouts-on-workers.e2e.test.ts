import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceHost, callHost, chatBody } from './conformance/call-host.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './conformance/scripted-upstream.ts';
import { startWorkerHost, type WorkerHost, workerTestKey } from './start-worker-host.ts';

/** Two versions of one model, by the scripts of the upstream that answer for them. */
const manifest = (baseUrl: string, stable: string, candidate: string): string => `apiVersion: scarmonit/v1
models:
  ${candidate}:
    task: chat
    goals: { maxErrorRate: 0.1 }
    stable: ${stable}
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: speaker, options: { retries: 0 } }
      1.1.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: ${candidate}, options: { retries: 0 } }
    rollout: { strategy: canary, steps: [50], minBakeMinutes: 0.01 }
`;

describe('rollouts on Workers', () => {
  let worker: WorkerHost | undefined;
  let upstream: ScriptedUpstream | undefined;
  const told: { readonly type: string; readonly model: string }[] = [];
  const receiver = createServer(async (request, response) => {
    const { type, data } = (await json(request)) as { type: string; data: { model: string } };
    told.push({ type, model: data.model });
    response.end();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const webhook = {
      SCARMONIT_WEBHOOK_URL: `http://127.0.0.1:${port}/moves`,
      SCARMONIT_WEBHOOK_SECRET: 'only-for-tests-only-for-tests-only',
      SCARMONIT_WEBHOOK_ALLOW_PRIVATE: 'true',
    };
    [upstream, worker] = await Promise.all([startScriptedUpstream(), startWorkerHost(webhook)]);
  });
  afterAll(async () => {
    await Promise.all([worker?.close(), upstream?.close()]);
    receiver.close();
    receiver.closeAllConnections();
  });

  const host = (): ConformanceHost => ({
    url: worker?.url ?? '',
    adminKey: workerTestKey,
    close: async () => undefined,
  });

  /** The phases that the log tells of. */
  const phasesOf = (model: string): string[] =>
    (worker?.output() ?? '').split('\n').flatMap((line) => {
      const isMove = line.includes('a rollout moved') && line.includes(`"model":"${model}"`);
      const phase = /"phase":"([a-z-]+)"/.exec(line)?.[1];
      return isMove && phase !== undefined ? [phase] : [];
    });

  /** Starts a rollout by the manifest, and asks until it is over. */
  const roll = async (candidate: string) => {
    for (const [stable, started] of [
      ['1.0.0', 0],
      ['1.1.0', 1],
    ] as const) {
      const body = manifest(upstream?.baseUrl ?? '', stable, candidate);
      const applied = await callHost(host(), '/api/admin/manifest', { method: 'PUT', body });
      expect(applied.status).toBe(200);
      expect((JSON.parse(applied.text) as { rollouts: string[] }).rollouts).toHaveLength(started);
    }
    const answers: { readonly status: number; readonly version: string | undefined; readonly failure: string }[] = [];
    while (!lastPhases.has(phasesOf(candidate).at(-1) ?? '') && answers.length < mostRequests) {
      const asked = Array.from({ length: 8 }, () =>
        callHost(host(), '/v1/chat/completions', { body: chatBody(candidate) }),
      );
      for (const { status, headers, text } of await Promise.all(asked)) {
        answers.push({ status, version: headers['x-model-version'], failure: status === 200 ? '' : text });
      }
    }
    return { answers, phases: phasesOf(candidate) };
  };

  /** Which versions answer now. */
  const served = async (model: string) => {
    const asked = Array.from({ length: 12 }, () => callHost(host(), '/v1/chat/completions', { body: chatBody(model) }));
    return [...new Set((await Promise.all(asked)).map(({ headers }) => headers['x-model-version']))];
  };

  it('promote a version that keeps its goals, and serve it everywhere', async () => {
    const { answers, phases } = await roll('speaker-next');
    expect(phases).toEqual(['draft', 'validated', 'canary', 'bake', 'active']);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    await expect.poll(() => served('speaker-next'), staleState).toEqual(['1.1.0']);
  });

  it('are told to the webhook, whoever moved them', async () => {
    const types = () => told.filter(({ model }) => model === 'speaker-next').map(({ type }) => type);
    const all = ['draft', 'validated', 'canary', 'bake', 'active'].map((phase) => `rollout.${phase}`);
    // Several are on their way at once.
    await expect.poll(() => types().toSorted(), staleState).toEqual(all.toSorted());
  });

  it('take a version back that fails, and leave the old one alone', async () => {
    const { answers, phases } = await roll('broken-unless-streaming');
    expect(phases).toEqual(['draft', 'validated', 'canary', 'rolled-back']);
    expect(answers.filter(({ version, status }) => version === '1.0.0' && status !== 200)).toEqual([]);
    await expect.poll(() => served('broken-unless-streaming'), staleState).toEqual(['1.0.0']);
  });

  it('leave a history, a registry and receipts that hold together, each verdict calculated again', async () => {
    const read = async (path: string, options: Parameters<typeof callHost>[2] = {}): Promise<unknown> => {
      const { status, text } = await callHost(host(), `/api/admin/${path}`, options);
      expect(status).toBe(200);
      return JSON.parse(text);
    };
    const { data: history } = (await read('models/speaker-next/history')) as {
      data: { stable: string; weight: number; decidedBy: string }[];
    };
    expect(history.map(({ stable, weight, decidedBy }) => [stable, weight, decidedBy]).toReversed()).toEqual([
      ['1.0.0', 0, 'manifest'],
      ['1.0.0', 0, 'manifest'],
      ['1.0.0', 0.5, 'controller'],
      ['1.0.0', 1, 'controller'],
      ['1.1.0', 0, 'controller'],
    ]);
    expect(await read('models/broken-unless-streaming/versions')).toMatchObject({
      data: [
        { version: '1.0.0', alias: 'stable', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { version: '1.1.0', status: 'testing' },
      ],
    });
    const report = await read('receipts/verify', { body: { heads: [], recompute: true } });
    expect(report).toMatchObject({ problems: [], receipts: expect.any(Number), recomputed: expect.any(Number) });
    expect((report as { recomputed: number }).recomputed).toBeGreaterThan(0);
  });

  it('make a registered version live, and let it go after them', async () => {
    const model = 'speaker-next';
    const pinned = async (version: string): Promise<string> => {
      const body = chatBody(model);
      const asked = Array.from({ length: 4 }, () =>
        callHost(host(), '/v1/chat/completions', { body, headers: { 'x-model-version': version } }),
      );
      const answers = (await Promise.all(asked)).map(({ status, headers }) => `${status} ${headers['sunset'] ?? '-'}`);
      return [...new Set(answers)].join(', ');
    };
    const admin = async <T>(path: string, body?: object | string, method?: string): Promise<T> => {
      const options = { ...(body === undefined ? {} : { body }), ...(method === undefined ? {} : { method }) };
      const { status, text } = await callHost(host(), `/api/admin/${path}`, options);
      expect(status, text).toBeLessThan(300);
      return JSON.parse(text) as T;
    };
    const baseUrl = upstream?.baseUrl ?? '';
    // As it was promoted to: what was promoted since stays.
    expect(await admin('manifest', manifest(baseUrl, '1.1.0', model), 'PUT')).toMatchObject({ rollouts: [] });
    const declaration = { runtime: 'openai-compatible', baseUrl, model: 'speaker' };
    await admin(`models/${model}/versions/2.0.0`, declaration, 'PUT');
    expect(await pinned('2.0.0')).toBe('404 -');
    const settings = { steps: [50], minBakeMinutes: 60 };
    const { id } = await admin<{ id: string }>('rollouts', { model, to: '2.0.0', settings });
    await expect.poll(() => pinned('2.0.0'), staleState).toBe('200 -');
    await admin(`rollouts/${id}/abort`, {});
    await expect.poll(() => pinned('2.0.0'), staleState).toBe('404 -');
    expect(await admin(`models/${model}/versions/2.0.0`)).toMatchObject({ status: 'testing', state: null });

    const sunsetAt = Date.UTC(2031, 0, 31, 12);
    await admin(`models/${model}/versions/1.0.0/deprecation`, { sunsetAt });
    await expect.poll(() => pinned('1.0.0'), staleState).toBe('200 Fri, 31 Jan 2031 12:00:00 GMT');
    await admin(`models/${model}/versions/1.0.0/deprecation`, { deprecated: false });
    await expect.poll(() => pinned('1.0.0'), staleState).toBe('200 -');
  });
});

/** An isolate may be five seconds behind. */
const staleState = { timeout: 7_000, interval: 250 };
/** Enough for the gate, several times over. */
const mostRequests = 2_000;
const lastPhases = new Set(['active', 'rolled-back', 'frozen', 'held']);
