// needs: prometheus
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask } from './loop-clients.ts';
import { type PacedUpstream, startPacedUpstream } from './paced-upstream.ts';
import { type HostProcess, killHostProcesses, startHostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const patience = { timeout: 60_000, interval: 100 };

let folder: string;
let upstream: PacedUpstream;
let stopPrometheus = async (): Promise<void> => undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-prometheus-'));
  upstream = await startPacedUpstream({ jsonMs: 0, chunks: 3, chunkMs: 5 });
});
afterEach(async () => {
  await stopPrometheus();
  await killHostProcesses();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function startHost(port: number): Promise<HostProcess> {
  const manifestPath = join(folder, 'scarmonit.yaml');
  const version = `{ runtime: openai-compatible, baseUrl: "${upstream.baseUrl}", model: m }`;
  writeFileSync(
    manifestPath,
    `apiVersion: scarmonit/v1\nmodels:\n  mock-chat:\n    task: chat\n    goals: { maxLatencyMs: 500 }\n    stable: 1.0.0\n    versions: { 1.0.0: ${version} }\n`,
  );
  return startHostProcess({
    dataDir: join(folder, 'data'),
    manifestPath,
    adminKey: testKey,
    env: { PORT: String(port), SCARMONIT_PROCESSES: '2' },
  });
}

/** A real Prometheus that scrapes the host; gives what answers its queries. */
async function startPrometheus(target: string): Promise<(query: string) => Promise<number | undefined>> {
  const port = await findFreePort();
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
      scrape_configs: [
        {
          job_name: 'scarmonit',
          authorization: { type: 'Bearer', credentials: testKey },
          static_configs: [{ targets: [target] }],
        },
      ],
    }),
  );
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', [...flags, '--log.level=error'], { stdio: 'ignore' });
  const ended = once(child, 'close');
  stopPrometheus = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return async (query) => {
    const address = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const response = await fetch(address).catch(() => undefined);
    if (response === undefined || !response.ok) return undefined;
    const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
    const value = data.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  };
}

const chat = async (host: HostProcess, times: number): Promise<void> => {
  for (let user = 0; user < times; user += 1) {
    const ending = await ask({ url: host.url, key: testKey, user: `user-${user}`, stream: user % 2 === 0 });
    expect(ending).toMatchObject({ how: 'whole' });
  }
};

/** Without a key (which another process answers than the rest), with a wrong one, and for a model that is not there. */
async function askInVain(host: HostProcess): Promise<void> {
  const send = async (model: string, key?: string): Promise<number> => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (key !== undefined) headers['authorization'] = `Bearer ${key}`;
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] });
    return (await fetch(`${host.url}/v1/chat/completions`, { method: 'POST', headers, body })).status;
  };
  expect(await send('mock-chat')).toBe(401);
  expect(await send('mock-chat', 'sk-wrong')).toBe(401);
  expect(await send('nobody', testKey)).toBe(404);
}

const served = 'scarmonit_requests_total{model="mock-chat",version="1.0.0",outcome="ok"}';

it('is scraped by a real Prometheus: sums over processes, which a kill does not throw back', async () => {
  const port = await findFreePort();
  const first = await startHost(port);
  const query = await startPrometheus(`127.0.0.1:${port}`);
  await chat(first, 6);
  await askInVain(first);
  await expect.poll(() => query(served), patience).toBe(6);
  await expect.poll(() => query('sum(scarmonit_requests_refused_total)'), patience).toBe(3);
  expect(await query('count(scarmonit_process_resident_memory_bytes)')).toBe(3);
  // Each of the three processes asks the upstream by itself, up to its own bound.
  expect(await query('scarmonit_engine_slots')).toBe(3 * 1_024);
  expect(await query('scarmonit_version_ready{model="mock-chat"}')).toBe(1);
  expect(await query('scarmonit_goal{goal="maxLatencyMs"}')).toBe(500);
  expect(await query('scarmonit_time_to_first_token_seconds_count')).toBe(3);

  first.signal('SIGKILL');
  await first.ended;
  const second = await startHost(port);
  await chat(second, 4);
  await askInVain(second);
  await expect.poll(() => query(served), patience).toBe(10);
  expect(await query(`resets(${served}[5m])`)).toBe(0);
  const refused = (reason: string) => query(`scarmonit_requests_refused_total{reason="${reason}"}`);
  await expect.poll(() => refused('unauthenticated'), patience).toBe(4);
  await expect.poll(() => refused('unknown_model'), patience).toBe(2);
  expect(await refused('rate_limited')).toBe(0);

  const headers = { authorization: `Bearer ${testKey}` };
  const text = await (await fetch(`${second.url}/metrics`, { headers })).text();
  // It fails, and says why, for what Prometheus would not take or its authors advise against.
  expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' })).toBe('');
});
