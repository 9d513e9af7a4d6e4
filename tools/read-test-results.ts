import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './run-binary.ts';

export interface TestResults {
  readonly passed: number;
  /** Failed tests, plus files that failed before any test of theirs did. */
  readonly failed: number;
  /** The names of skipped and to-do tests. */
  readonly skipped: readonly string[];
}

/** The part of Vitest's JSON report that is used here (the shape is Jest's). */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Reads Vitest's JSON report; a report that was never written counts as one failure. */
export function readTestResults(path: string): TestResults {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: [] };
  const report: Report = JSON.parse(readFileSync(path, 'utf8'));
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status !== 'passed' && status !== 'failed')
        .map(({ fullName }) => `${relative(root, name)} > ${fullName.trim()}`),
    ),
  };
}
