// What serving costs beside the engines called directly: `npm run bench`. Rounds are interleaved, medians are shown.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDirectEngine, streamChat } from './measure-chat.ts';
import { openDirectSession, textsPerSecond } from './measure-embeddings.ts';
import { runHost } from './run-host.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    'data-dir': { type: 'string', default: '.scarmonit-bench' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = resolve(root, values['data-dir']);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const first = await runHost(dataDir); // fetches what is missing
await first.stop();
const host = await runHost(dataDir);
const models: readonly { name: string; versions: readonly { version: string; sha256: string; stats?: Stats }[] }[] = (
  await adminModels()
).data;
const pathOf = (name: string): string => {
  const sha256 = models.find((model) => model.name === name)?.versions[0]?.sha256;
  if (sha256 === undefined) throw new Error(`${name} is not in the manifest.`);
  return join(dataDir, 'artifacts', 'sha256', sha256);
};

const samples = new Map<string, number[]>();
const note = (name: string, value: number): void => {
  samples.set(name, [...(samples.get(name) ?? []), value]);
};
note('start to ready, ms', host.startMs);

const direct = await openDirectSession(pathOf('use-lite-en'));
const directEngine = await openDirectEngine(pathOf('tinyllama-chat'));
for (let round = 0; round < rounds; round += 1) {
  note('texts/s, session directly, batches of 1', await direct.textsPerSecond(1, seconds));
  note('texts/s, session directly, batches of 64', await direct.textsPerSecond(64, seconds));
  for (const clients of [1, 8, 64]) note(`texts/s, ${clients} clients`, await textsPerSecond(host, clients, seconds));
  for (const clients of [1, 4]) {
    const engine = await directEngine.run(clients, round);
    const served = await streamChat(host, clients, round);
    note(`tokens/s, node-llama-cpp directly, ${clients} at once`, engine.tokensPerSecond);
    note(`tokens/s, ${clients} clients`, served.tokensPerSecond);
    note(`first token ms, node-llama-cpp directly, ${clients} at once`, engine.firstTokenMs);
    note(`first token ms, ${clients} clients`, served.firstTokenMs);
  }
}
await direct.release();
await directEngine.stop();

interface Stats {
  readonly residentBytes: number;
  readonly batchSizes: Readonly<Record<string, number>>;
}
for (const { name, versions } of (await adminModels()).data as typeof models) {
  for (const { version, stats } of versions) {
    if (stats === undefined) continue;
    note(`memory MB, ${name}@${version}`, stats.residentBytes / 1e6);
    if (Object.keys(stats.batchSizes).length > 0)
      console.log(`batch sizes of ${name}:`, JSON.stringify(stats.batchSizes));
  }
}
await host.stop();

const rows = [...samples].map(([name, numbers]) => ({ name, median: median(numbers), samples: numbers }));
console.log(`\n${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${rounds} rounds\n`);
console.log(
  ['| what | median |', '|---|---|', ...rows.map((row) => `| ${row.name} | ${format(row.median)} |`)].join('\n'),
);
await mkdir(resolve(root, values.out), { recursive: true });
await writeFile(resolve(root, values.out, 'serving.json'), `${JSON.stringify(rows, null, 2)}\n`);

async function adminModels(): Promise<{ data: typeof models }> {
  const response = await fetch(`${host.url}/api/admin/models`, { headers: { authorization: `Bearer ${host.key}` } });
  return (await response.json()) as { data: typeof models };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
