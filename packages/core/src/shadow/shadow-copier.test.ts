import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testManifest, testUpstream } from '../../test/manifest.ts';
import { chatAnswer as said, shadowed, chatRequest as wire } from '../../test/shadowed-requests.ts';
import type { LiveModel } from '../deployments/deployments.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ShadowPair } from '../ports/feedback-repository.ts';
import type { GenerateEvent, LoadedVersion, RequestContext, WireRequest } from '../ports/model-runtime.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { VersionState } from '../services/agent-services.ts';
import { createShadowCopier, type ShadowCopier, type ShadowLimits } from './shadow-copier.ts';
import type { ShadowWork } from './shadow-work.ts';

const work = (text = 'hello'): ShadowWork => ({ kind: 'forward', request: wire, answer: [said(text)] });

let clock: FakeClock;
let traffic: Traffic;
/** What happened, in order. */
let events: string[];
let pairs: ShadowPair[];
/** What was counted of the candidate, in order. */
let counted: string[];
let candidate: Partial<LoadedVersion>;
let isReady: boolean;
let candidateState: VersionState;
let copier: ShadowCopier;

const answer =
  (text: string) =>
  async (_: WireRequest, { requestId }: { readonly requestId?: string }) => {
    events.push(`candidate asked ${requestId}`);
    return { kind: 'json', text: said(text), usage: undefined } as const;
  };
/** Hears of no signal. */
const hang = (_: WireRequest, { requestId }: { readonly requestId?: string }) => {
  events.push(`candidate asked ${requestId}`);
  return new Promise<never>(() => undefined);
};
const create = (limits: Partial<ShadowLimits> = {}, more: Partial<Parameters<typeof createShadowCopier>[0]> = {}) => {
  const [spec] = testManifest({ chat: [testUpstream('chat', '1.0.0'), testUpstream('chat', '1.1.0')] }).models;
  const version = {
    spec: spec?.versions[1],
    get state() {
      return candidateState;
    },
    use: () => {
      if (!isReady) throw new ScarmonitError('not_ready', 'It is restarting.');
      return candidate;
    },
  };
  const find = (name: string) =>
    name === 'chat' ? ({ spec, traffic, versions: new Map([['1.1.0', version]]) } as unknown as LiveModel) : undefined;
  let made = 0;
  return createShadowCopier({
    projectId: 'default',
    deployments: { find },
    pairs: { insertMany: async (rows) => void pairs.push(...rows) },
    counters: {
      countCopy: ({ rolloutId, revision }, hasFailed, nowMs) => {
        expect(nowMs).toBe(clock.monotonicMs());
        counted.push(`${rolloutId} at ${revision} ${hasFailed ? 'failed' : 'answered'}`);
      },
    },
    clock,
    ids: { next: () => `pair${++made}` },
    hash: { sha256Hex: (text) => `sha256(${text})` },
    onError: ({ error }) => events.push(`not written: ${error}`),
    limits,
    ...more,
  });
};
/** A request that stable answers. */
const serve = (requestId: string, offered: ShadowWork = work()): void => {
  copier.sample(traffic, requestId, '1.0.0')?.offer(offered);
  events.push(`client answered ${requestId}`);
};

beforeEach(() => {
  clock = createFakeClock();
  traffic = shadowed;
  events = [];
  pairs = [];
  counted = [];
  isReady = true;
  candidateState = 'ready';
  candidate = { forward: answer('hello') };
  copier = create();
});

describe('which requests are copied', () => {
  it('is none without a shadow, none that stable did not answer, and none outside a rollout', () => {
    const { rolloutId: _, ...alone } = shadowed;
    expect(copier.sample({ ...shadowed, shadow: 0 }, 'q', '1.0.0')).toBeUndefined();
    expect(copier.sample(shadowed, 'q', '1.1.0')).toBeUndefined();
    expect(copier.sample(alone, 'q', '1.0.0')).toBeUndefined();
    expect(copier.sample(shadowed, 'q', '1.0.0')).toBeDefined();
  });

  it('is the share that the traffic says, the same ones each time, and others with another salt', () => {
    const sampled = (salt: string, shadow: number) =>
      new Set(
        Array.from({ length: 20_000 }, (_, index) => `req_${index}`).filter(
          (id) => copier.sample({ ...shadowed, salt, shadow }, id, '1.0.0') !== undefined,
        ),
      );
    const tenth = sampled('salt', 0.1);
    // Five standard deviations of a binomial count are 212.
    expect(Math.abs(tenth.size - 2_000)).toBeLessThan(212);
    expect(sampled('salt', 0.1)).toEqual(tenth);
    expect(sampled('salt', 0.2).isSupersetOf(tenth)).toBe(true);
    expect(sampled('other', 0.1).intersection(tenth).size).toBeLessThan(300);
  });
});

describe('a copy', () => {
  it('is made after the client has its answer, and becomes a pair without texts', async () => {
    serve('q1');
    expect(events).toEqual(['client answered q1']);
    await clock.advance(1_000);
    expect(events).toEqual(['client answered q1', 'candidate asked q1-shadow']);
    expect(pairs).toEqual([
      {
        id: 'pair1',
        projectId: 'default',
        rolloutId: 'r1',
        requestId: 'q1',
        createdAt: clock.now() - 1_000,
        agree: true,
        stableAnswer: 'sha256(hello)',
        candidateAnswer: 'sha256(hello)',
        candidateFailed: false,
      },
    ]);
  });

  it('is counted under the traffic that its request was assigned with, whatever is in force when it is made', async () => {
    serve('q1');
    traffic = { ...shadowed, revision: 3 };
    serve('q2');
    await clock.advance(1_000);
    expect(counted).toEqual(['r1 at 2 answered', 'r1 at 3 answered']);
  });

  it('tells answers that differ', async () => {
    candidate = { forward: answer('goodbye') };
    serve('q1');
    await clock.advance(1_000);
    expect(pairs).toMatchObject([
      { agree: false, stableAnswer: 'sha256(hello)', candidateAnswer: 'sha256(goodbye)', candidateFailed: false },
    ]);
  });

  it('of an embedding has a cosine and no digest', async () => {
    const input = { kind: 'texts', texts: ['a'] } as const;
    const result = (...numbers: number[]) => ({ vectors: [Float32Array.from(numbers)], inputTokens: 1 });
    candidate = { embed: async () => result(1, 0) };
    serve('q1', { kind: 'embed', request: { input }, answer: result(1, 0) });
    serve('q2', { kind: 'embed', request: { input }, answer: result(0, 1) });
    await clock.advance(1_000);
    expect(pairs.map(({ agree, cosine, stableAnswer }) => [agree, cosine, stableAnswer])).toEqual([
      [true, 1, undefined],
      [false, 0, undefined],
    ]);
  });

  it('of a stream is made when the stream has ended well, and not before', async () => {
    const events: readonly GenerateEvent[] = [
      { type: 'text', text: 'hel' },
      { type: 'text', text: 'lo' },
      { type: 'finish', reason: 'stop', usage: { inputTokens: 1, outputTokens: 2 } },
    ];
    candidate = {
      generate: async function* () {
        yield* events;
      },
      forward: async () => ({
        kind: 'stream',
        chunks: (async function* () {
          yield { text: JSON.stringify({ choices: [{ delta: { content: 'hello' } }] }) };
          yield { text: undefined, usage: { inputTokens: 1, outputTokens: 2 } };
        })(),
      }),
    };
    const request = {
      input: { kind: 'text', text: 'hi' },
      maxTokens: 8,
      stop: [],
      format: { type: 'text' },
      tools: [],
      toolChoice: 'none',
    } as const;
    const whole = copier.sample(traffic, 'whole', '1.0.0')?.collectEvents(request);
    const forwarded = copier.sample(traffic, 'forwarded', '1.0.0')?.collectChunks(wire);
    const left = copier.sample(traffic, 'left', '1.0.0')?.collectEvents(request);
    for (const event of events) whole?.add(event);
    forwarded?.add(JSON.stringify({ choices: [{ delta: { content: 'hel' } }] }));
    forwarded?.add(JSON.stringify({ choices: [{ delta: { content: 'lo' } }] }));
    left?.add({ type: 'text', text: 'hel' });
    await clock.advance(1_000);
    expect(pairs).toEqual([]);
    whole?.finish();
    forwarded?.finish();
    await clock.advance(1_000);
    expect(pairs.map(({ requestId, agree }) => [requestId, agree])).toEqual([
      ['whole', true],
      ['forwarded', true],
    ]);
  });

  it('is not made of an answer that is too long to keep', async () => {
    copier = create({ answerSize: 10 });
    const collector = copier.sample(traffic, 'q1', '1.0.0')?.collectChunks(wire);
    collector?.add('12345');
    collector?.add('678901');
    collector?.finish();
    await clock.advance(1_000);
    expect(events).toEqual([]);
  });

  it('is one a request, also when it asks several things', async () => {
    const sample = copier.sample(traffic, 'q1', '1.0.0');
    sample?.offer(work());
    sample?.offer(work());
    await clock.advance(1_000);
    expect(pairs).toHaveLength(1);
  });
});

describe('a candidate that', () => {
  it.each([
    ['fails', () => Promise.reject(new ScarmonitError('engine_failure', 'It broke.'))],
    [
      'throws at once',
      () => {
        throw new Error('It broke.');
      },
    ],
    ['answers nonsense', async () => ({ kind: 'json', text: '<html>', usage: undefined }) as const],
  ])('%s has failed, and the client never knew', async (_, forward) => {
    candidate = { forward };
    serve('q1');
    await clock.advance(1_000);
    expect(events).toEqual(['client answered q1']);
    expect(pairs).toMatchObject([{ candidateFailed: true, agree: false, stableAnswer: 'sha256(hello)' }]);
    expect(counted).toEqual(['r1 at 2 failed']);
    expect(pairs[0]).not.toHaveProperty('candidateAnswer');
  });

  it.each(['restarting', 'failed'] as const)('is %s has failed', async (state) => {
    isReady = false;
    candidateState = state;
    serve('q1');
    await clock.advance(1_000);
    expect(pairs).toMatchObject([{ candidateFailed: true }]);
  });

  it('is busy, or takes no requests of that kind, has not failed', async () => {
    candidate = { forward: () => Promise.reject(new ScarmonitError('overloaded', 'Its queue is full.')) };
    serve('q1');
    await clock.advance(1_000);
    candidate = {};
    serve('q2');
    await clock.advance(1_000);
    expect(pairs).toEqual([]);
    expect(counted).toEqual([]);
    expect(copier.dropped).toBe(2);
  });

  it.each(['pending', 'loading'] as const)('is still %s has not failed', async (state) => {
    isReady = false;
    candidateState = state;
    serve('q1');
    await clock.advance(1_000);
    expect(pairs).toEqual([]);
    expect(counted).toEqual([]);
    expect(copier.dropped).toBe(1);
  });

  it('hangs has failed at the deadline of copies, and holds up no client', async () => {
    let signal: RequestContext['signal'] | undefined;
    candidate = {
      forward: (request, context) => {
        signal = context.signal as RequestContext['signal'];
        return hang(request, context);
      },
    };
    serve('q1');
    await clock.advance(59_999);
    serve('q2');
    expect(pairs).toEqual([]);
    expect(signal?.aborted).toBe(false);
    expect(events).toEqual(['client answered q1', 'candidate asked q1-shadow', 'client answered q2']);
    await clock.advance(1_001);
    expect(signal?.aborted).toBe(false);
    expect(pairs).toMatchObject([{ requestId: 'q1', candidateFailed: true }]);
  });

  it('hangs gets so many copies at a time and no more, so many wait, and the newest are dropped', async () => {
    copier = create({ remoteAtOnce: 2, waiting: 3 });
    candidate = { forward: hang };
    for (let id = 1; id <= 10; id += 1) serve(`q${id}`);
    await clock.advance(0);
    expect(events.filter((event) => event.startsWith('candidate'))).toHaveLength(2);
    expect([copier.waiting, copier.dropped]).toEqual([3, 5]);
    candidate = { forward: answer('hello') };
    await clock.advance(60_000);
    await clock.advance(1_000);
    const verdicts = pairs.map(({ requestId, candidateFailed }) => [requestId, candidateFailed]);
    expect(verdicts.toSorted()).toEqual([
      ['q1', true],
      ['q2', true],
      ['q3', false],
      ['q4', false],
      ['q5', false],
    ]);
    expect(copier.waiting).toBe(0);
    // What was dropped because too much waited is counted nowhere.
    expect(counted.map((what) => what.endsWith('failed'))).toEqual(verdicts.map(([, hasFailed]) => hasFailed));
  });

  it('is slow lets requests wait up to a size, not only up to a number', async () => {
    copier = create({ remoteAtOnce: 1, waitingSize: 1_000 });
    candidate = { forward: hang };
    for (let id = 1; id <= 4; id += 1) serve(`q${id}`, work('x'.repeat(400)));
    await clock.advance(0);
    expect([copier.waiting, copier.dropped]).toEqual([2, 1]);
  });
});

describe('the end', () => {
  it('of the shadow phase drops what waits', async () => {
    copier = create({ remoteAtOnce: 1 });
    candidate = { forward: hang };
    for (const id of ['q1', 'q2', 'q3']) serve(id);
    await clock.advance(0);
    traffic = { ...shadowed, revision: 3, weight: 0.01, shadow: 0 };
    await clock.advance(61_000);
    expect(pairs.map(({ requestId }) => requestId)).toEqual(['q1']);
    expect([copier.waiting, copier.dropped]).toEqual([0, 2]);
  });

  it('of the server ends copies at once without a verdict, and stores the pairs that are there', async () => {
    serve('q1');
    await clock.advance(0);
    candidate = { forward: hang };
    serve('q2');
    await clock.advance(0);
    await copier.close();
    serve('q3');
    expect(pairs.map(({ requestId }) => requestId)).toEqual(['q1']);
    expect(counted).toEqual(['r1 at 2 answered']);
    expect(clock.pending).toBe(0);
  });

  it('of a request on a host without a life beyond it is put off until the pair is stored', async () => {
    const kept: string[] = [];
    copier = create({}, { keepAlive: (done) => void done.then(() => kept.push(`stored ${pairs.length}`)) });
    serve('q1');
    expect(kept).toEqual([]);
    await clock.advance(0);
    expect(kept).toEqual(['stored 1']);
  });
});

it('pairs that cannot be written are told and tried again', async () => {
  let isDown = true;
  copier = create(
    {},
    {
      pairs: {
        insertMany: async (rows) => {
          if (isDown) throw new Error('disk full');
          pairs.push(...rows);
        },
      },
    },
  );
  serve('q1');
  await clock.advance(1_000);
  isDown = false;
  await clock.advance(1_000);
  expect(events.at(-1)).toBe('not written: Error: disk full');
  expect(pairs).toHaveLength(1);
});
