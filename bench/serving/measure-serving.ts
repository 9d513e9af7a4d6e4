// What serving costs beside the engines called directly: `npm run bench -- serving`. See bench/README.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, Samples } from '../gateway/samples.ts';
import { showResults } from '../gateway/show-results.ts';
import { listGoals } from './goals.ts';
import { openDirectEngine, streamChat } from './measure-chat.ts';
import { embedDirectly, embedThroughHost, openDirectSession, timeSingles } from './measure-embeddings.ts';
import { startUpstream, timeGateway, underEmbeddingLoad, writeManifest } from './measure-gateway.ts';
import { type RunningHost, runHost } from './run-host.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    /** Leaves chat out, which takes most of the time. */
    'no-chat': { type: 'boolean', default: false },
    config: { type: 'string', default: 'scarmonit.yaml' },
    'data-dir': { type: 'string', default: '.scarmonit-bench' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = resolve(root, values['data-dir']);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** Texts that are embedded one by one in each round. */
const singles = 300;
/** Requests that the gateway passes on in a second while it is timed. */
const gatewayRate = 100;

const config = resolve(root, values.config);
const fetching = await runHost(dataDir, config); // gets what is missing
await fetching.stop();
const upstream = await startUpstream();
const host = await startHost();
const samples = new Samples();
samples.add('start to ready, ms', 'scarmonit', host.startMs);
try {
  await measure();
} finally {
  await host.stop();
  await upstream.stop();
}
const goals = listGoals(samples);
console.log(`\n${showResults(samples, goals, ['direct', 'scarmonit'], rounds)}`);
const folder = resolve(root, values.out);
await mkdir(folder, { recursive: true });
const rows = samples.rows().map(({ what, values: byWhose }) => ({ what, samples: Object.fromEntries(byWhose) }));
const judged = goals.map((goal) => ({ ...goal, median: median(goal.samples), met: goal.isMet(median(goal.samples)) }));
await writeFile(
  join(folder, 'serving.json'),
  `${JSON.stringify({ node: process.version, rows, goals: judged }, null, 2)}\n`,
);

async function startHost(): Promise<RunningHost> {
  try {
    return await runHost(dataDir, await writeManifest(config, dataDir, upstream.url));
  } catch (error) {
    await upstream.stop();
    throw error;
  }
}

async function measure(): Promise<void> {
  const session = await openDirectSession(await pathOf('use-lite-en'));
  const engine = values['no-chat'] ? undefined : await openDirectEngine(await pathOf('tinyllama-chat'));
  await embedDirectly(session, 8, 1);
  await embedThroughHost(host, 8, 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const clients of [1, 8, 64]) {
      const what = clients === 1 ? 'texts/s, 1 client' : `texts/s, ${clients} clients`;
      samples.add(what, 'direct', await embedDirectly(session, clients, seconds));
      samples.add(what, 'scarmonit', await embedThroughHost(host, clients, seconds));
    }
    const { directMs, servedMs } = await timeSingles(session, host, singles);
    samples.add('one text, ms', 'direct', directMs);
    samples.add('one text, ms', 'scarmonit', servedMs);
    await measureGateway();
    if (engine !== undefined) await measureChat(engine, round);
    console.log(`round ${round + 1} of ${rounds}`);
  }
  await session.release();
  await engine?.stop();
  for (const { name, versions } of await listModels()) {
    for (const { version, stats } of versions) {
      if (stats === undefined || stats.residentBytes === 0) continue;
      samples.add(`memory MB, ${name}@${version}`, 'scarmonit', stats.residentBytes / 1e6);
      if (Object.keys(stats.batchSizes).length > 0)
        console.log(`batch sizes of ${name}:`, JSON.stringify(stats.batchSizes));
    }
  }
}

async function measureGateway(): Promise<void> {
  const time = (): Promise<number> => timeGateway(host, gatewayRate, seconds);
  samples.add('gateway p99 ms alone', 'scarmonit', await time());
  samples.add('gateway p99 ms while 64 clients embed', 'scarmonit', await underEmbeddingLoad(host, 64, time));
}

async function measureChat(engine: Awaited<ReturnType<typeof openDirectEngine>>, round: number): Promise<void> {
  for (const clients of [1, 4]) {
    const direct = await engine.run(clients, round);
    const served = await streamChat(host, clients, round);
    const who = clients === 1 ? '1 client' : `${clients} clients`;
    samples.add(`tokens/s, ${who}`, 'direct', direct.tokensPerSecond);
    samples.add(`tokens/s, ${who}`, 'scarmonit', served.tokensPerSecond);
    samples.add(`first token ms, ${who}`, 'direct', direct.firstTokenMs);
    samples.add(`first token ms, ${who}`, 'scarmonit', served.firstTokenMs);
  }
}

interface ServedModel {
  readonly name: string;
  readonly versions: readonly {
    readonly version: string;
    readonly sha256?: string;
    readonly stats?: { readonly residentBytes: number; readonly batchSizes: Readonly<Record<string, number>> };
  }[];
}

async function listModels(): Promise<readonly ServedModel[]> {
  const response = await fetch(`${host.url}/api/admin/models`, { headers: { authorization: `Bearer ${host.key}` } });
  return ((await response.json()) as { data: readonly ServedModel[] }).data;
}

async function pathOf(name: string): Promise<string> {
  const sha256 = (await listModels()).find((model) => model.name === name)?.versions[0]?.sha256;
  if (sha256 === undefined) throw new Error(`${name} is not in the manifest.`);
  return join(dataDir, 'artifacts', 'sha256', sha256);
}
