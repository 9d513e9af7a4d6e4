// The worker in workerd, beside a bare worker that returns the upstream's body: first answers, streams, JSON and memory.
//
//   npm run bench -- worker [--rounds 5] [--streams 200]

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { median, Samples } from '../gateway/samples.ts';
import { showResults } from '../gateway/show-results.ts';
import { startProcess } from '../gateway/start-process.ts';
import { chatRequest, upstreamModel } from '../gateway/wire.ts';
import { timeStream } from './ask.ts';
import { holdStreams, startEndlessUpstream } from './hold-streams.ts';
import { startWorkerd } from './start-workerd.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, streams: { type: 'string', default: '200' } },
});
const rounds = Number(values.rounds);
const streams = Number(values.streams);
const answers = 200;
/** Requests that are not measured: the code is compiled meanwhile. */
const warmUp = 20;
const heldStreams = 500;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const key = 'sk-scarmonit-only-for-benchmarks';
const secrets = { API_KEY: key, ENCRYPTION_KEY: 'only-for-benchmarks-0123456789', MIGRATE_AT_START: 'true' };
const bare = `export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    return pathname === '/healthz' ? new Response('ok') : fetch(env.UPSTREAM + pathname, request);
  },
};`;

const script = buildWorker();
const upstream = await startProcess({ args: [path('../gateway/mock-upstream.ts')] });
const samples = new Samples();
for (let round = 0; round < rounds; round += 1) {
  for (const name of round % 2 === 0 ? (['bare', 'scarmonit'] as const) : (['scarmonit', 'bare'] as const)) {
    const worker = await startWorkerd({
      script: name === 'bare' ? bare : script,
      bindings: name === 'bare' ? { UPSTREAM: upstream.url } : secrets,
    });
    await measureFirstAnswer(worker.url, name);
    const model = name === 'bare' ? upstreamModel : await applyManifest(worker.url, upstream.url);
    await measureStreams(worker.url, model, name);
    await measureAnswers(worker.url, model, name);
    await worker.stop();
  }
}
await upstream.stop();
await measureMemory();

const added = (what: string): number[] =>
  samples.get(what, 'scarmonit').map((value, round) => value - (samples.get(what, 'bare')[round] ?? Number.NaN));
const kibibytes = gzipSync(script).byteLength / 1024;
const goals = [
  { what: 'size, gzipped', goal: '≤ 1024', unit: 'KiB', samples: [kibibytes], isMet: (value: number) => value <= 1024 },
  ...['first answer of an isolate', 'first byte of a stream', 'whole stream', 'JSON answer'].map((what) => ({
    what: `added to the ${what}`,
    goal: what.startsWith('first answer') ? '≤ 400' : '≤ 10',
    unit: 'ms',
    samples: added(`${what}, ms`),
    isMet: (value: number) => value <= (what.startsWith('first answer') ? 400 : 10),
  })),
  {
    what: `heap with ${heldStreams} streams open`,
    goal: '≤ 64',
    unit: 'MB',
    samples: samples.get(`heap, ${heldStreams} streams open, MB`, 'scarmonit'),
    isMet: (value: number) => value <= 64,
  },
];
console.log(showResults(samples, goals, ['bare', 'scarmonit'], rounds));
mkdirSync(path('../results'), { recursive: true });
const results = {
  rounds,
  streams,
  rows: samples.rows().map(({ what, values: row }) => ({ what, ...Object.fromEntries(row) })),
};
writeFileSync(path('../results/worker.json'), `${JSON.stringify(results, null, 2)}\n`);

function buildWorker(): string {
  const { status } = spawnSync(process.execPath, [path('../../agent-api/tools/deploy.ts'), '--dry-run'], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The worker could not be built.');
  const bundle = path('../../agent-api/.wrangler/bundle');
  const [module] = readdirSync(bundle).filter((name) => name.endsWith('.js'));
  if (module === undefined) throw new Error(`There is no module in ${bundle}.`);
  return readFileSync(`${bundle}/${module}`, 'utf8');
}

/** The first request to a workerd that listens: the script is compiled, the isolate made, the module run. */
async function measureFirstAnswer(url: string, name: string): Promise<void> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/healthz`);
  await response.arrayBuffer();
  samples.add('first answer of an isolate, ms', name, performance.now() - startedAt);
}

/** @returns the model's name; and adds how long the first request took that needs the store */
async function applyManifest(url: string, upstreamUrl: string): Promise<string> {
  const model = 'bench-chat';
  const body = `apiVersion: scarmonit/v1\nmodels:\n  ${model}:\n    task: chat\n    stable: 1.0.0\n    versions:\n      1.0.0: { runtime: openai-compatible, baseUrl: "${upstreamUrl}/v1", model: ${upstreamModel} }\n`;
  const headers = { authorization: `Bearer ${key}` };
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/admin/manifest`, { method: 'PUT', headers, body });
  if (!response.ok) throw new Error(`The manifest was refused: ${await response.text()}`);
  samples.add('an empty store migrated and a manifest applied, ms', 'scarmonit', performance.now() - startedAt);
  return model;
}

async function measureAnswers(url: string, model: string, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = chatRequest(model, false);
  const times: number[] = [];
  for (let index = 0; index < answers + warmUp; index += 1) {
    const startedAt = performance.now();
    const answer = await request(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
    await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} from ${url}`);
    if (index >= warmUp) times.push(performance.now() - startedAt);
  }
  samples.add('JSON answer, ms', name, median(times));
}

/** What an isolate holds while nothing is open, and while many streams are. Cloudflare gives it 128 MB. */
async function measureMemory(): Promise<void> {
  const endless = await startEndlessUpstream();
  for (const name of ['bare', 'scarmonit'] as const) {
    const worker = await startWorkerd({
      script: name === 'bare' ? bare : script,
      bindings: name === 'bare' ? { UPSTREAM: endless.url } : secrets,
    });
    const model = name === 'bare' ? upstreamModel : await applyManifest(worker.url, endless.url);
    const idle = await worker.readHeapBytes();
    const release = await holdStreams({
      url: `${worker.url}/v1/chat/completions`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: chatRequest(model, true),
      count: heldStreams,
    });
    const busy = await worker.readHeapBytes();
    samples.add('heap, nothing open, MB', name, idle / 1e6);
    samples.add(`heap, ${heldStreams} streams open, MB`, name, busy / 1e6);
    release();
    await worker.stop();
  }
  endless.close();
}

async function measureStreams(url: string, model: string, name: string): Promise<void> {
  const first: number[] = [];
  const total: number[] = [];
  for (let index = 0; index < streams + warmUp; index += 1) {
    const { firstMs, totalMs } = await timeStream({ url, key, model });
    if (index < warmUp) continue;
    first.push(firstMs);
    total.push(totalMs);
  }
  samples.add('first byte of a stream, ms', name, median(first));
  samples.add('whole stream, ms', name, median(total));
}
