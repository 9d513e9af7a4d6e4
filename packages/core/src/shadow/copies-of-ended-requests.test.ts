import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testManifest, testUpstream } from '../../test/manifest.ts';
import { chatAnswer, chatRequest as request, shadowed as traffic } from '../../test/shadowed-requests.ts';
import type { LiveModel } from '../deployments/deployments.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoadedVersion } from '../ports/model-runtime.ts';
import { createShadowCopier, type ShadowCopier } from './shadow-copier.ts';

const said = chatAnswer('hello');
const deadlineMs = 5_000;

let clock: FakeClock;
let ask: LoadedVersion['forward'];
/** The requests of which pairs were written. */
let paired: string[];

/** One that asks the candidate once at a time. */
function createCopier(itsClock: Clock): ShadowCopier {
  const [spec] = testManifest({ chat: [testUpstream('chat', '1.0.0'), testUpstream('chat', '1.1.0')] }).models;
  const version = { spec: spec?.versions[1], state: 'ready', use: () => ({ forward: ask }) };
  const live = { spec, traffic, versions: new Map([['1.1.0', version]]) } as unknown as LiveModel;
  return createShadowCopier({
    projectId: 'default',
    deployments: { find: () => live },
    pairs: { insertMany: async (rows) => void paired.push(...rows.map(({ requestId }) => requestId)) },
    counters: { countCopy: () => undefined },
    clock: itsClock,
    ids: { next: () => 'pair' },
    hash: { sha256Hex: (text) => text },
    onError: ({ error }) => {
      throw error;
    },
    keepAlive: () => undefined,
    limits: { remoteAtOnce: 1, deadlineMs },
  });
}

/** A request that stable answers. */
const serve = (copier: ShadowCopier, requestId: string): void =>
  copier.sample(traffic, requestId, '1.0.0')?.offer({ kind: 'forward', request, answer: [said] });

const answer = { kind: 'json', text: said, usage: undefined } as const;

beforeEach(() => {
  clock = createFakeClock();
  paired = [];
});

describe('on a host that ends the work of a request with it, a copy', () => {
  it('runs in its own request, also when it had to wait for another one', async () => {
    const context = new AsyncLocalStorage<string>();
    const asked: string[] = [];
    ask = async (_, { requestId }) => {
      asked.push(`${requestId} in ${context.getStore()}`);
      await new Promise<void>((resolve) => void clock.schedule(100, resolve));
      return answer;
    };
    // As real timers do.
    const schedule: Clock['schedule'] = (ms, run) => clock.schedule(ms, AsyncLocalStorage.bind(run));
    const copier = createCopier({ ...clock, schedule });
    for (const id of ['q1', 'q2', 'q3']) context.run(id, () => serve(copier, id));
    await clock.advance(2_000);
    expect(asked).toEqual(['q1-shadow in q1', 'q2-shadow in q2', 'q3-shadow in q3']);
    expect(paired).toEqual(['q1', 'q2', 'q3']);
  });

  it('that is never heard of again holds up the others until a little after its deadline', async () => {
    const schedule: Clock['schedule'] = (ms, run) => (ms === deadlineMs ? () => undefined : clock.schedule(ms, run));
    const copier = createCopier({ ...clock, schedule });
    ask = () => new Promise(() => undefined);
    serve(copier, 'lost');
    await clock.advance(1_000);
    ask = async () => answer;
    serve(copier, 'waiting');
    await clock.advance(8_000);
    expect(paired).toEqual([]);
    await clock.advance(2_000);
    serve(copier, 'next');
    await clock.advance(2_000);
    expect(paired).toEqual(['waiting', 'next']);
  });

  it('has a timer of its own while it waits, and is dropped before its request is ended', async () => {
    const copier = createCopier(clock);
    let asked = 0;
    ask = () => {
      asked += 1;
      return new Promise((resolve) => void clock.schedule(4_900, () => resolve(answer)));
    };
    for (const id of ['q1', 'q2', 'q3', 'q4', 'q5']) serve(copier, id);
    await clock.advance(1);
    // One deadline, and four that wait.
    expect(clock.pending).toBe(1 + 1 + 4);
    await clock.advance(60_000);
    expect(asked).toBe(4);
    expect(copier).toMatchObject({ waiting: 0, dropped: 1 });
    expect(clock.pending).toBe(0);
  });
});
