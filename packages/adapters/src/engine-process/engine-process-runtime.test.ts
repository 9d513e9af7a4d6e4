import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstText, perform, type ScriptedRuntime, startScripted, texts } from './fixtures/start-scripted.ts';

let scripted: ScriptedRuntime;
beforeEach(() => {
  scripted = startScripted();
});
afterEach(() => scripted.close());

describe('a version in a process of its own', () => {
  it('streams events in order and closes', async () => {
    const version = await scripted.load();
    const events = perform(version, 'count 3');
    expect(await events.next()).toEqual({ done: false, value: { type: 'start' } });
    expect(await texts(events)).toEqual(['0 ', '1 ', '2 ']);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('has the methods that its engine has and no others', async () => {
    const version = await scripted.load();
    expect(version.embed).toBeDefined();
    expect(version.classify).toBeUndefined();
  });

  it('hands vectors over as typed arrays', async () => {
    const version = await scripted.load();
    const input = { kind: 'texts', texts: ['a', 'abcd'] } as const;
    expect(await version.embed?.({ input }, { signal: new AbortController().signal })).toEqual({
      vectors: [Float32Array.of(1, 1, -1), Float32Array.of(4, 1, -1)],
      inputTokens: 2,
    });
  });

  it('passes errors of the engine with all their data', async () => {
    const version = await scripted.load();
    const input = { kind: 'texts', texts: ['a', 'b', 'c', 'd'] } as const;
    await expect(version.embed?.({ input }, { signal: new AbortController().signal })).rejects.toMatchObject({
      kind: 'overloaded',
      message: 'Too much at once.',
      code: 'queue_full',
      retryAfterMs: 1_234,
    });
  });

  it('keeps what the engine says about its insides out of the answer and in the log', async () => {
    const version = await scripted.load();
    await expect(texts(perform(version, 'throw'))).rejects.toMatchObject({
      kind: 'engine_failure',
      message: 'The engine failed to answer this request.',
    });
    await scripted.printed('secret path /data/artifact');
  });

  it('tells its figures with the memory and the id of the process', async () => {
    const version = await scripted.load();
    const [pid] = await texts(perform(version, 'pid'));
    const stats = await version.stats();
    expect(stats).toMatchObject({ running: 0, slots: 2, queueLimit: 2, batchSizes: { 1: 7 }, crashes: 0 });
    expect(stats.processId).toBe(Number(pid));
    expect(stats.residentBytes).toBeGreaterThan(10_000_000);
  });

  it('loads nothing when the artifact turns out to be another one, and says so', async () => {
    const wrong = Promise.reject(new Error('the digests differ'));
    await expect(scripted.load({ options: { say: 'loaded' } }, wrong)).rejects.toThrow('the digests differ');
    expect(scripted.lines).toEqual([]);
    expect(scripted.events).toEqual([]);
  });

  it('captures what the engine prints, line by line', async () => {
    await scripted.load({ options: { say: 'native words' } });
    await scripted.printed('native words');
    expect(scripted.lines).toEqual([{ model: 'scripted', version: '1.0.0', line: 'native words' }]);
  });

  it('answers a round trip in well below a millisecond', async () => {
    const version = await scripted.load();
    const once = async () => {
      const startedAt = performance.now();
      await version.embed?.({ input: { kind: 'texts', texts: ['a'] } }, { signal: new AbortController().signal });
      return performance.now() - startedAt;
    };
    const times: number[] = [];
    for (let round = 0; round < 200; round += 1) times.push(await once());
    // The fastest quarter: a busy machine delays some, but not all.
    expect(times.sort((a, b) => a - b)[50]).toBeLessThan(1);
  });
});

describe('a load that fails', () => {
  it('says why in the words of the engine', async () => {
    await expect(scripted.load({ options: { needsFile: '/nowhere/at/all' } })).rejects.toMatchObject({
      kind: 'engine_failure',
      message: 'The file that this engine needs is missing.',
    });
  });

  it('says how the process ended when it just ended', async () => {
    await expect(scripted.load({ options: { exitAtLoad: 7 } })).rejects.toThrow(
      "The engine of 'scripted' version 1.0.0 ended unexpectedly with exit code 7.",
    );
  });
});

describe('a crash', () => {
  it('fails the requests in flight with how the process ended, and restarts it after half a second', async () => {
    const version = await scripted.load();
    const states: string[] = [];
    version.onStateChange?.((state, reason) => states.push(`${state}: ${reason}`));
    const restarting = scripted.next('restarting');
    const bystander = perform(version, 'wait');
    expect(await firstText(bystander)).toBe('waiting');

    const culprit = perform(version, 'exit 3');
    expect(await firstText(culprit)).toBe('bye');
    const failure = { kind: 'engine_failure', message: expect.stringContaining('exit code 3') };
    await expect(culprit.next()).rejects.toMatchObject(failure);
    await expect(bystander.next()).rejects.toMatchObject(failure);
    expect(await restarting).toMatchObject({ retryAfterMs: 500, lastLines: ['the engine is on fire'] });
    await expect(perform(version, 'pid').next()).rejects.toMatchObject({
      kind: 'not_ready',
      retryAfterMs: expect.any(Number),
    });
    expect(await version.stats()).toMatchObject({ residentBytes: 0, running: 0, crashes: 1 });

    const ready = scripted.next('ready');
    await scripted.clock.advance(499);
    expect(scripted.events.filter(({ type }) => type === 'ready')).toHaveLength(1);
    await scripted.clock.advance(1);
    await ready;
    expect(await texts(perform(version, 'again'))).toEqual(['again']);
    expect(states).toEqual(['restarting: the engine process ended unexpectedly with exit code 3', 'ready: undefined']);
  });

  it('names the signal when the process was killed, and leaves other versions alone', async () => {
    const version = await scripted.load();
    const other = await scripted.load({ version: '2.0.0' });
    const untouched = perform(other, 'count 200');
    await untouched.next();
    const events = perform(version, 'wait');
    await firstText(events);
    const { processId } = await version.stats();
    process.kill(processId ?? 0, 'SIGKILL');
    await expect(events.next()).rejects.toThrow('was killed (SIGKILL; often: out of memory)');
    expect(await texts(untouched)).toHaveLength(200);
    expect(await other.stats()).toMatchObject({ crashes: 0 });
  });

  it('is followed by restarts with doubled delays while they fail', async () => {
    const needsFile = join(tmpdir(), `scarmonit-scripted-${process.pid}`);
    await writeFile(needsFile, '');
    const version = await scripted.load({ options: { needsFile } });
    await rm(needsFile);

    let restarting = scripted.next('restarting');
    await expect(texts(perform(version, 'exit 1'))).rejects.toThrow('exit code 1');
    for (const expected of [500, 1_000, 2_000]) {
      expect((await restarting).retryAfterMs).toBe(expected);
      restarting = scripted.next('restarting');
      await scripted.clock.advance(expected);
    }
    expect(await restarting).toMatchObject({ reason: 'The file that this engine needs is missing' });

    await writeFile(needsFile, '');
    const ready = scripted.next('ready');
    await scripted.clock.advance(4_000);
    await ready;
    await rm(needsFile);
    expect(await version.stats()).toMatchObject({ crashes: 1 });
  });

  it('has the artifact checked again before the engine reads it', async () => {
    const checked: string[] = [];
    const failures = [new Error('the digest is another one.')];
    const strict = startScripted({
      checkArtifact: ({ artifact }) => {
        checked.push(artifact.sha256);
        const failure = failures.shift();
        return failure === undefined ? Promise.resolve() : Promise.reject(failure);
      },
    });
    const version = await strict.load();
    let restarting = strict.next('restarting');
    await expect(texts(perform(version, 'exit 1'))).rejects.toThrow();
    await restarting;
    restarting = strict.next('restarting');
    await strict.clock.advance(500);
    expect((await restarting).reason).toBe('the digest is another one');
    const ready = strict.next('ready');
    await strict.clock.advance(1_000);
    await ready;
    expect(checked).toEqual(['0'.repeat(64), '0'.repeat(64)]);
    await strict.close();
  });

  it('counts as the first again after a minute of health', async () => {
    const version = await scripted.load();
    const crash = async () => {
      const restarting = scripted.next('restarting');
      await expect(texts(perform(version, 'exit 1'))).rejects.toThrow();
      const { retryAfterMs } = await restarting;
      const ready = scripted.next('ready');
      await scripted.clock.advance(retryAfterMs);
      await ready;
      return retryAfterMs;
    };
    expect(await crash()).toBe(500);
    await scripted.clock.advance(59_000);
    expect(await crash()).toBe(1_000);
    await scripted.clock.advance(60_000);
    expect(await crash()).toBe(500);
  });
});

describe('cancellation', () => {
  it('by the signal rejects at once and frees the slot', async () => {
    const version = await scripted.load();
    const abort = new AbortController();
    const events = perform(version, 'wait', abort.signal);
    await firstText(events);
    expect((await version.stats()).running).toBe(1);
    const pending = events.next();
    abort.abort();
    await expect(pending).rejects.toMatchObject({ kind: 'cancelled' });
    await expect.poll(async () => (await version.stats()).running).toBe(0);
  });

  it('by ending the iteration works while a read is pending', async () => {
    const version = await scripted.load();
    const events = perform(version, 'wait');
    await firstText(events);
    const pending = events.next();
    await events.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await expect.poll(async () => (await version.stats()).running).toBe(0);
  });

  it('of an engine that does not heed it ends the process after ten seconds', async () => {
    const version = await scripted.load();
    const events = perform(version, 'hang');
    await firstText(events);
    const neighbour = perform(version, 'wait');
    await firstText(neighbour);
    await events.return?.();
    const restarting = scripted.next('restarting');
    await scripted.clock.advance(9_999);
    expect((await version.stats()).crashes).toBe(0);
    await scripted.clock.advance(1);
    await expect(neighbour.next()).rejects.toThrow('did not stop a cancelled request and was ended');
    expect((await restarting).reason).toContain('did not stop a cancelled request');
  });

  it('before the start sends nothing', async () => {
    const version = await scripted.load();
    await expect(perform(version, 'exit 1', AbortSignal.abort()).next()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await texts(perform(version, 'alive'))).toEqual(['alive']);
  });
});

describe('bounds', () => {
  it('lets an engine run ahead of a slow reader by a window only', async () => {
    const version = await scripted.load();
    const events = perform(version, 'count 5000');
    await firstText(events);
    const { queued: pulled } = await version.stats();
    expect(pulled).toBeLessThanOrEqual(256);
    expect(await texts(events)).toHaveLength(4_999);
  });

  it('refuses more requests than the slots and the queue of the engine hold', async () => {
    const version = await scripted.load();
    const waiting = Array.from({ length: 4 }, () => perform(version, 'wait'));
    await Promise.all(waiting.map(firstText));
    await expect(perform(version, 'wait').next()).rejects.toMatchObject({ kind: 'overloaded', retryAfterMs: 1_000 });
    await Promise.all(waiting.map((events) => events.return?.()));
  });
});

describe('unloading', () => {
  it('waits for what is in flight, takes nothing new, frees the engine and ends the process', async () => {
    const version = await scripted.load();
    const abort = new AbortController();
    const events = perform(version, 'wait', abort.signal);
    await firstText(events);
    const { processId = 0 } = await version.stats();
    let unloaded = false;
    const unloading = version.unload().then(() => {
      unloaded = true;
    });
    await expect(texts(perform(version, 'late'))).rejects.toMatchObject({ kind: 'not_ready' });
    expect(unloaded).toBe(false);
    expect(isAlive(processId)).toBe(true);
    abort.abort();
    await unloading;
    await scripted.printed('freed');
    expect(isAlive(processId)).toBe(false);
    await version.unload();
  });

  it('while restarting stops the restarts', async () => {
    const version = await scripted.load();
    const restarting = scripted.next('restarting');
    await expect(texts(perform(version, 'exit 1'))).rejects.toThrow();
    await restarting;
    await version.unload();
    await scripted.clock.advance(60_000);
    expect(scripted.events.filter(({ type }) => type === 'ready')).toHaveLength(1);
    expect(scripted.clock.pending).toBe(0);
  });
});

describe('a host that dies', () => {
  it('takes its engines with it, which ignore the signals of the terminal', async () => {
    const host = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/run-host.ts', import.meta.url))]);
    const line = await new Promise<string>((resolve) => host.stdout.once('data', (data) => resolve(String(data))));
    const processId = Number(line);
    process.kill(processId, 'SIGINT');
    process.kill(processId, 'SIGTERM');
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAlive(processId)).toBe(true);
    host.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(processId)).toBe(false), { timeout: 5_000, interval: 10 });
  });
});

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
