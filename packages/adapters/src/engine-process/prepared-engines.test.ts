import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineProcessRuntime } from './engine-process-runtime.ts';
import { perform, texts } from './fixtures/start-scripted.ts';
import { versionSpec } from './fixtures/version-spec.ts';
import { PreparedEngines } from './prepared-engines.ts';

const engineModule = new URL('./fixtures/scripted-engine.ts', import.meta.url);

describe('engines that are forked ahead of their use', () => {
  let engines: PreparedEngines;
  beforeEach(() => {
    engines = new PreparedEngines();
  });
  afterEach(() => engines.close());

  const untilGone = (pid: number | undefined) =>
    vi.waitFor(() => expect(() => process.kill(pid ?? process.pid, 0)).toThrow(/ESRCH/), 5_000);

  it('serve the version that takes them; the next version gets a process of its own', async () => {
    const prepared = engines.prepare({ engineModule });
    const runtime = createEngineProcessRuntime({
      engineModule,
      clock: createFakeClock(),
      takePrepared: () => engines.take(engineModule),
    });
    const load = async () => {
      const version = await runtime.load(versionSpec(), '/data/artifact');
      const [pid] = await texts(perform(version, 'pid'));
      return { version, pid: Number(pid) };
    };
    const first = await load();
    const second = await load();
    expect(first.pid).toBe(prepared);
    expect(second.pid).not.toBe(prepared);
    await Promise.all([first.version.unload(), second.version.unload()]);
  });

  it('are handed out once each, in the order they were forked, and only to their engine', () => {
    const pids = [engines.prepare({ engineModule }), engines.prepare({ engineModule })];
    expect(engines.take(new URL('./another-engine.ts', engineModule))).toBeUndefined();
    const taken = [engines.take(engineModule), engines.take(engineModule)];
    expect(taken.map((child) => child?.pid)).toEqual(pids);
    expect(engines.take(engineModule)).toBeUndefined();
    for (const child of taken) child?.kill('SIGKILL');
  });

  it('are passed over when they have died or could not be started', async () => {
    const dead = engines.prepare({ engineModule });
    expect(engines.prepare({ engineModule, execPath: '/no/such/node' })).toBeUndefined();
    const alive = engines.prepare({ engineModule });
    if (dead !== undefined) process.kill(dead, 'SIGKILL');
    await untilGone(dead);
    const taken = engines.take(engineModule);
    expect(taken?.pid).toBe(alive);
    taken?.kill('SIGKILL');
  });

  it('are ended when nobody took them', async () => {
    const left = engines.prepare({ engineModule });
    engines.close();
    await untilGone(left);
    expect(engines.take(engineModule)).toBeUndefined();
  });
});
