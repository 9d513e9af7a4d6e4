import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { EngineProcessRuntimeOptions } from './engine-process-runtime.ts';
import { firstText, perform, type ScriptedRuntime, startScripted, texts } from './fixtures/start-scripted.ts';

interface Limit {
  readonly kind: 'heap' | 'native';
  readonly how: RegExp;
  open(): Promise<Pick<EngineProcessRuntimeOptions, 'env' | 'execPath'>>;
}

const heap: Limit = {
  kind: 'heap',
  how: /^the engine process ran out of memory \((SIGABRT|exit code 134)\)$/,
  open: async () => ({ env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=48' } }),
};

/** Only Linux keeps a limit of the address space; what is asked for beyond it fails as if the machine were full. */
const native: Limit = {
  kind: 'native',
  how: /^the engine process ran out of memory \(exit code 1\)$/,
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scarmonit-limit-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const execPath = join(folder, 'node');
    await writeFile(execPath, `#!/bin/sh\nulimit -v 4000000\nexec '${process.execPath}' "$@"\n`);
    await chmod(execPath, 0o755);
    return { execPath };
  },
};

let scripted: ScriptedRuntime;
afterEach(() => scripted.close());

describe.each(process.platform === 'linux' ? [heap, native] : [heap])('an engine without memory: $kind', (limit) => {
  it('fails its requests with that reason, leaves other versions alone, and comes back after half a second', async () => {
    scripted = startScripted(await limit.open());
    const version = await scripted.load();
    const other = await scripted.load({ version: '2.0.0' });
    const untouched = perform(other, 'count 200');
    await untouched.next();
    const bystander = perform(version, 'wait');
    await firstText(bystander);

    const restarting = scripted.next('restarting');
    const culprit = perform(version, `fill ${limit.kind}`);
    expect(await firstText(culprit)).toBe('filling');
    const failure = {
      kind: 'engine_failure',
      message: expect.stringMatching(/^The engine of 'scripted' version 1\.0\.0 ran out of memory \(.+\)\.$/),
      retryAfterMs: 1_000,
    };
    await Promise.all([
      expect(culprit.next()).rejects.toEqual(expect.objectContaining(failure)),
      expect(bystander.next()).rejects.toEqual(expect.objectContaining(failure)),
    ]);
    const { reason, retryAfterMs } = await restarting;
    expect(reason).toMatch(limit.how);
    expect(retryAfterMs).toBe(500);
    expect(await texts(untouched)).toHaveLength(200);
    expect(await other.stats()).toMatchObject({ crashes: 0 });

    const ready = scripted.next('ready');
    await scripted.clock.advance(retryAfterMs);
    await ready;
    expect(await texts(perform(version, 'again'))).toEqual(['again']);
    expect(await version.stats()).toMatchObject({ crashes: 1 });
  });
});
