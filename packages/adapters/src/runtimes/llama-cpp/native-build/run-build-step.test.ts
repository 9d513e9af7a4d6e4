import { describe, expect, it } from 'vitest';
import { readProgress, runBuildStep } from './run-build-step.ts';

function run(script: string, signal = new AbortController().signal, onProgress?: (progress: object) => void) {
  return runBuildStep({
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

describe('readProgress', () => {
  it.each([
    ['[9/208] Building CXX object a.o', { done: 9, total: 208 }],
    ['[ 12%] Building CXX object a.o', { done: 12, total: 100 }],
    ['-- Configuring done', undefined],
    ['warning in [3/4] of it', undefined],
  ])('of %j', (line, progress) => {
    expect(readProgress(line)).toEqual(progress);
  });
});

describe('runBuildStep', () => {
  it('tells the progress of a build', async () => {
    const told: object[] = [];
    await run("console.log('[1/2] a'); console.error('[2/2] b')", undefined, (progress) => told.push(progress));
    expect(told).toEqual([
      { done: 1, total: 2 },
      { done: 2, total: 2 },
    ]);
  });

  it('fails with the last that was said', async () => {
    const script = "for (let line = 1; line <= 30; line++) console.error('error', line); process.exitCode = 3";
    const failure = run(script);
    await expect(failure).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringMatching(/failed:\nerror 11\n[\s\S]*error 30$/),
    });
  });

  it('fails when there is no such program', async () => {
    const step = runBuildStep({
      command: '/no/such/program',
      args: [],
      env: {},
      signal: new AbortController().signal,
    });
    await expect(step).rejects.toThrow('ENOENT');
  });

  it('ends with everything that it started when it is stopped', async () => {
    const stop = new AbortController();
    const script = `
      const endless = ['-e', "console.log('[1/2]'); setInterval(() => {}, 1000)"];
      require('node:child_process').spawn(process.execPath, endless, { stdio: 'inherit' });`;
    // It waits for all that could still write to its outputs, so it would never come to an end if one were left.
    await expect(run(script, stop.signal, () => stop.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
