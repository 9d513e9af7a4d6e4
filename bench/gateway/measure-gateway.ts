// What the gateway costs beside others in front of the same upstream: `npm run bench -- gateway`. See bench/README.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listGoals } from './goals.ts';
import { installPeers } from './install-peers.ts';
import { measureLatency } from './measure-latency.ts';
import { measureLoad } from './measure-load.ts';
import { addedLimitsMs, findRates, findStreams } from './measure-paced.ts';
import { median, Samples } from './samples.ts';
import { showResults } from './show-results.ts';
import { type Gateway, startBareProxy, startDirect, startPortkey, startScarmonit } from './start-gateways.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    /** Single requests for each gateway and round. */
    singles: { type: 'string', default: '300' },
    connections: { type: 'string', default: '32' },
    memory: { type: 'boolean', default: false },
    /** Writes a CPU profile of Scarmonit under JSON load into this folder, and measures nothing else. */
    profile: { type: 'string' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);

installPeers();
const gateways: Gateway[] = [];
try {
  const direct = await start(startDirect());
  const upstream = new URL(direct.url).origin;
  if (values.profile === undefined) {
    await start(startBareProxy(upstream));
    // A first start fills the compile cache; without it a host takes 30 MB more.
    await (await startScarmonit(upstream)).process.stop();
    await compare(direct, await start(startScarmonit(upstream)), await start(startPortkey(upstream)));
  } else {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`];
    const scarmonit = await start(startScarmonit(upstream, flags));
    const { answersPerSecond } = await measureLoad(scarmonit, { connections, stream: false, seconds });
    console.log(`${answersPerSecond.toFixed(0)} requests/s under the profiler; the profile is in ${values.profile}`);
  }
} finally {
  await Promise.all(gateways.map((gateway) => gateway.process.stop()));
}

async function start(starting: Promise<Gateway>): Promise<Gateway> {
  const gateway = await starting;
  gateways.push(gateway);
  return gateway;
}

async function compare(direct: Gateway, scarmonit: Gateway, portkey: Gateway): Promise<void> {
  const samples = new Samples();
  await measureMemory(scarmonit, samples);
  for (const gateway of gateways) {
    if (gateway !== scarmonit) await measureLoad(gateway, { connections, stream: false, seconds: 2 });
    await measureLoad(gateway, { connections, stream: true, seconds: 2 });
  }
  for (let round = 0; round < rounds; round += 1) {
    // Every second round goes backwards, so that none always follows the same other.
    const order = round % 2 === 0 ? gateways : gateways.toReversed();
    for (const stream of [false, true]) {
      for (const gateway of order) {
        const { answersPerSecond, p99Ms } = await measureLoad(gateway, { connections, stream, seconds });
        samples.add(stream ? 'streams/s' : 'JSON requests/s', gateway.name, answersPerSecond);
        samples.add(stream ? 'streams p99 ms' : 'JSON p99 ms', gateway.name, p99Ms);
      }
    }
    await measureSingles(samples, portkey);
    console.log(`round ${round + 1} of ${rounds}`);
  }
  await measurePaced(direct, scarmonit, samples);
  const goals = listGoals(samples);
  const columns = gateways.map(({ name }) => name);
  console.log(`\n${showResults(samples, goals, columns, rounds)}`);
  const folder = resolve(root, values.out);
  await mkdir(folder, { recursive: true });
  const rows = samples.rows().map(({ what, values }) => ({ what, samples: Object.fromEntries(values) }));
  const judged = goals.map((goal) => ({
    ...goal,
    median: median(goal.samples),
    met: goal.isMet(median(goal.samples)),
  }));
  await writeFile(
    join(folder, 'gateway.json'),
    `${JSON.stringify({ node: process.version, rows, goals: judged }, null, 2)}\n`,
  );
}

async function measureSingles(samples: Samples, slow: Gateway): Promise<void> {
  const count = Number(values.singles);
  for (const stream of [false, true]) {
    const others = gateways.filter((gateway) => gateway !== slow);
    const timings = [
      ...(await measureLatency(others, stream, count)),
      // Apart and fewer: tens of milliseconds between two requests of the others would let their caches grow cold.
      ...(await measureLatency([slow], stream, Math.ceil(count / 5))),
    ];
    for (const [{ name }, { firstByteMs, endMs }] of timings) {
      if (stream) samples.add('first chunk ms', name, median(firstByteMs));
      else samples.add('JSON ms', name, median(endMs));
    }
  }
}

async function measurePaced(direct: Gateway, scarmonit: Gateway, samples: Samples): Promise<void> {
  const highest = await findRates(scarmonit, direct);
  for (const limit of addedLimitsMs) {
    samples.add(`requests/s with p99 + < ${limit} ms`, scarmonit.name, highest.get(limit) ?? 0);
  }
  for (const gateway of gateways) samples.add('paced streams, none late', gateway.name, await findStreams(gateway));
}

/** Of a host that has served nothing else; its first requests warm it up for the rounds as well. */
async function measureMemory(scarmonit: Gateway, samples: Samples): Promise<void> {
  const after = async (name: string, requests: number): Promise<void> => {
    await measureLoad(scarmonit, { connections, stream: false, requests });
    samples.add(`memory MB after ${name} requests`, scarmonit.name, scarmonit.process.residentBytes() / 1e6);
  };
  await after('10,000', 10_000);
  if (values.memory) await after('100,000', 90_000);
}
