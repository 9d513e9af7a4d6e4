// Lighthouse on the overview of the portal, signed in, from a host with live traffic.
//
//   npm run bench -- portal [--rounds 5]
//
// Needs Chromium. Lighthouse itself comes from the npm registry when this runs: it is four times the size of the product.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { findChromium } from '../../web-portal/test/find-chromium.ts';
import { type Demo, startDemo } from '../../web-portal/test/start-demo.ts';
import { median } from '../gateway/samples.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const lighthouse = 'lighthouse@13.5.0';
const goal = 95;
/** So that there is something to see. */
const trafficMs = 20_000;
const categories = ['performance', 'accessibility', 'best-practices'] as const;
const timings = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
] as const;

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<Record<string, { readonly numericValue?: number }>>;
  /** How fast the machine was meanwhile: an idle desktop has 1,500 and more. */
  readonly environment: { readonly benchmarkIndex: number };
}

const chromium = findChromium();
if (chromium === undefined) throw new Error('Chromium is not here. Install it: apt-get install chromium');
const folder = mkdtempSync(join(tmpdir(), 'scarmonit-lighthouse-'));
const demo = await startDemo();
try {
  demo.askOften(5);
  await wait(trafficMs);
  const cookie = await signIn(demo);
  const results = [];
  for (const device of ['desktop', 'mobile'] as const) {
    const reports: Report[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1)
      reports.push(await tryAgain(() => audit(device, cookie, chromium)));
    results.push({ device, rounds: reports.length, ...summarize(reports) });
  }
  console.log('\nThe overview in Lighthouse, medians');
  console.table(results);
  for (const result of results) {
    const isMet = categories.every((category) => result[category] >= goal);
    console.log(`On the ${result.device} ${isMet ? `all are ${goal} or more` : `not all are ${goal}`}.`);
  }
  const path = fileURLToPath(new URL('../results/portal.json', import.meta.url));
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`Written to ${path}`);
} finally {
  await demo.close();
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the session's cookie, as a browser sends it */
async function signIn({ url, adminKey }: Demo): Promise<string> {
  const response = await fetch(`${url}/api/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ key: adminKey }),
  });
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function audit(device: 'desktop' | 'mobile', cookie: string, chromePath: string): Promise<Report> {
  const output = join(folder, 'report.json');
  const args = [
    ...['exec', '--yes', `--package=${lighthouse}`, '--', 'lighthouse', `${demo.url}/`],
    ...['--quiet', '--output=json', `--output-path=${output}`, '--chrome-flags=--headless=new --no-sandbox'],
    ...[`--only-categories=${categories.join(',')}`, `--extra-headers=${JSON.stringify({ Cookie: cookie })}`],
    ...(device === 'desktop' ? ['--preset=desktop'] : []),
  ];
  await promisify(execFile)('npm', args, { cwd: folder, env: { ...process.env, CHROME_PATH: chromePath } });
  return JSON.parse(readFileSync(output, 'utf8')) as Report;
}

/** On a busy machine Chromium sometimes begins too late for Lighthouse to see it. */
async function tryAgain<Value>(run: () => Promise<Value>): Promise<Value> {
  return run().catch(run).catch(run);
}

function summarize(reports: readonly Report[]) {
  const middle = (read: (report: Report) => number): number => median(reports.map(read));
  const score = (category: (typeof categories)[number]): number =>
    Math.round(middle((report) => (report.categories[category]?.score ?? 0) * 100));
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    'best-practices': score('best-practices'),
    ...Object.fromEntries(
      timings.map((name) => [name, Number(middle((report) => report.audits[name]?.numericValue ?? 0).toPrecision(3))]),
    ),
    'machine speed': Math.round(middle(({ environment }) => environment.benchmarkIndex)),
  };
}
