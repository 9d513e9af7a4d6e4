// How often the gates are wrong and how soon they are right, beside rules in use elsewhere: `npm run bench -- gates`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBucketed } from './measure-bucketed.ts';
import { measureComparative } from './measure-comparative.ts';
import { measureRules } from './measure-rules.ts';

const { values } = parseArgs({
  options: {
    /** Rollouts a figure; comparisons take a twentieth, whole rollouts beside other rules a hundredth. */
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench/results' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);

console.log(`\nThe bucketed test at a goal of 1 %, ${runs} rollouts a figure`);
const bucketed = measureBucketed(runs, seed);
console.table(bucketed);

console.log('\nThe comparison with stable at α = 1 %, by requests and by runs of requests');
const comparative = measureComparative(Math.ceil(runs / 20), seed);
console.table(comparative);

console.log(
  '\nWhole rollouts beside the usual rules (goal 1 % errors, budget 1 %, steps of 5, 25 and 50 % for an hour each)',
);
const rules = measureRules(Math.ceil(runs / 100), seed);
for (const [scenario, results] of Object.entries(rules)) {
  console.log(`\n${scenario}`);
  console.table(results);
}

await mkdir(values.out, { recursive: true });
const path = resolve(join(values.out, 'gates.json'));
await writeFile(path, `${JSON.stringify({ runs, seed, bucketed, comparative, rules }, undefined, 2)}\n`);
console.log(`\nWritten to ${path}`);
