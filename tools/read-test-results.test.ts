import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readTestResults } from './read-test-results.ts';
import { root } from './run-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'scarmonit-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const test = (fullName: string, status: string) => ({ fullName, status });

it('counts tests, files that broke before any test of theirs ran, and names what was skipped', () => {
  const path = join(folder, 'report.json');
  const file = (name: string, status: string, assertionResults: readonly unknown[]) => ({
    name: join(root, name),
    status,
    assertionResults,
  });
  writeFileSync(
    path,
    JSON.stringify({
      numPassedTests: 2,
      numFailedTests: 1,
      testResults: [
        file('a.test.ts', 'passed', [test('a works', 'passed'), test('a waits', 'skipped')]),
        file('b.test.ts', 'failed', [test('b works', 'passed'), test('b breaks', 'failed')]),
        file('c.test.ts', 'failed', []),
      ],
    }),
  );
  expect(readTestResults(path)).toEqual({ passed: 2, failed: 2, skipped: ['a.test.ts > a waits'] });
});

it('counts a report that was never written as a failure', () => {
  expect(readTestResults(join(folder, 'absent.json'))).toEqual({ passed: 0, failed: 1, skipped: [] });
});
