// Chat through Scarmonit beside llama.cpp's own server, on the same model: `npm run bench -- chat --build`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Samples } from '../gateway/samples.ts';
import { showResults } from '../gateway/show-results.ts';
import { buildWhatIsMeasured } from './build-what-is-measured.ts';
import { firstTokenOf, listGoals, throughputOf } from './goals.ts';
import { startAnswerers, type Way } from './start-answerers.ts';
import { streamAnswers } from './stream-answers.ts';

const { values } = parseArgs({
  options: {
    build: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '96' },
    threads: { type: 'string', default: `${availableParallelism()}` },
    'data-dir': { type: 'string', default: '.scarmonit-bench' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const root = resolve(import.meta.dirname, '..', '..');
const dataDir = resolve(root, values['data-dir']);
const rounds = Number(values.rounds);
const maxTokens = Number(values.tokens);
const clientCounts = [1, 4];

await buildWhatIsMeasured(values.build);
mkdirSync(dataDir, { recursive: true });
const answerers = await startAnswerers(dataDir, Math.max(...clientCounts), Number(values.threads));
const samples = new Samples();
const ways = Object.keys(answerers.ways) as Way[];
try {
  // Once before it counts: the first request of a connection and of a page of the weights costs more.
  for (const way of ways) await streamAnswers(answerers.ways[way], ['Hello'], 4);
  for (let round = 0; round < rounds; round += 1) {
    for (const clients of clientCounts) {
      const order = ways.map((_, index) => ways[(index + round) % ways.length] as Way);
      for (const way of round % 2 === 0 ? order : order.reverse()) {
        const figures = await streamAnswers(answerers.ways[way], promptsOf(round, clients), maxTokens);
        samples.add(throughputOf(clients), way, figures.tokensPerSecond);
        samples.add(firstTokenOf(clients), way, figures.firstTokenMs);
      }
    }
    console.log(`round ${round + 1} of ${rounds} is done`);
  }
} finally {
  await answerers.stop();
}

const goals = listGoals(samples, clientCounts);
console.log(`\n${showResults(samples, goals, ways, rounds)}`);
const rows = samples.rows().map(({ what, values: its }) => ({ what, ...Object.fromEntries(its) }));
mkdirSync(resolve(root, values.out), { recursive: true });
writeFileSync(resolve(root, values.out, 'chat.json'), `${JSON.stringify({ rounds, maxTokens, rows }, null, 2)}\n`);

/** They differ from the first word on, so that nothing is computed already. */
function promptsOf(round: number, clients: number): readonly string[] {
  return Array.from(
    { length: clients },
    (_, client) =>
      `${round * 100 + clients * 10 + client} sailors: tell a long story about them, the sea and an island.`,
  );
}
