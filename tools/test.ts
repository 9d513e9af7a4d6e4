// `npm test`: every check and every test, then one summary. Whatever fails, the rest runs all the same.
//
//   npm test                     everything
//   npm test -- <arguments>      only Vitest, with these arguments, such as a path or `--watch`
//   npm run check                only the checks

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTypes } from './check-types.ts';
import { listNotRun } from './optional-parts.ts';
import { readTestResults, type TestResults } from './read-test-results.ts';
import { runBinary } from './run-binary.ts';

interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
  readonly results?: TestResults;
}

const args = process.argv.slice(2);
const checksOnly = args.length === 1 && args[0] === '--checks';
if (args.length > 0 && !checksOnly)
  process.exit(runBinary('vitest', args.includes('--watch') ? args : ['run', ...args]));

const steps: Step[] = [
  run('format and lint', () => ({ ok: runBinary('biome', ['check', '--error-on-warnings']) === 0 })),
  run('types', () => ({ ok: checkTypes() })),
  run('unused code', () => ({ ok: runBinary('knip', ['--no-progress']) === 0 })),
];
if (!checksOnly) steps.push(run('tests', runTests));
summarise();

function run(name: string, work: () => Pick<Step, 'ok' | 'results'>): Step {
  process.stdout.write(`\n── ${name}\n`);
  const started = performance.now();
  return { name, ...work(), seconds: (performance.now() - started) / 1000 };
}

function runTests(): Pick<Step, 'ok' | 'results'> {
  const folder = mkdtempSync(join(tmpdir(), 'scarmonit-test-'));
  try {
    const path = join(folder, 'results.json');
    const code = runBinary('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`]);
    const results = readTestResults(path);
    return { ok: code === 0 && results.failed === 0 && results.passed > 0, results };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarise(): void {
  const results = steps.find((step) => step.results !== undefined)?.results;
  const missing = checksOnly ? [] : listNotRun();
  const skipped = results?.skipped ?? [];
  const lines = ['', 'Summary'];
  for (const { name, seconds, ok } of steps)
    lines.push(`  ${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${seconds.toFixed(1)} s`);
  for (const { title, files, why, remedy } of missing) {
    lines.push(`  not run: ${title} (${files.join(', ')}) — ${why}; ${remedy}`);
  }
  for (const name of skipped) lines.push(`  not run: ${name} — the test skips itself here`);
  const mustRunAll = process.env.CI === 'true' || process.env.SCARMONIT_REQUIRE_ALL === '1';
  const incomplete = mustRunAll && missing.length + skipped.length > 0;
  if (incomplete) lines.push('  FAIL everything has to run here (CI=true or SCARMONIT_REQUIRE_ALL=1)');

  // The closing line counts each check as one, beside the tests.
  const broken = steps.filter(({ ok }) => !ok);
  const checks = steps.filter((step) => step.results === undefined);
  const passed = checks.filter(({ ok }) => ok).length + (results?.passed ?? 0);
  const brokenChecks = checks.filter(({ ok }) => !ok).length;
  const testFailures =
    results === undefined ? 0 : Math.max(results.failed, broken.some((step) => step.results) ? 1 : 0);
  const failed = brokenChecks + testFailures + (incomplete ? 1 : 0);
  const skippedCount = skipped.length + missing.reduce((sum, { files }) => sum + files.length, 0);
  lines.push('', `${passed} passed, ${failed} failed${skippedCount > 0 ? `, ${skippedCount} skipped` : ''}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
