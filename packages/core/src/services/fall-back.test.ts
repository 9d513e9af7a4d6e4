import { describe, expect, it } from 'vitest';
import { testUpstream, testVersion } from '../../test/manifest.ts';
import { createTestServing, testKey } from '../../test/serving.ts';
import { type ErrorKind, ScarmonitError } from '../errors/scarmonit-error.ts';
import type { WireAnswer } from '../ports/model-runtime.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { InferenceCall, ServingVersion } from './agent-services.ts';

const label = ({ model, version }: VersionSpec) => `${model}@${version}`;

const shortLived = testUpstream('chat', '1.1.0', { timeoutMs: 3_000 });

/** `chat@1.0.0` falls back to `chat@1.1.0`, then to the model `backup`, then to the engine `local`. */
async function serve(fallbacks: readonly string[] = ['1.1.0', 'backup', 'local']) {
  const serving = await createTestServing({
    chat: [
      testUpstream('chat', '1.0.0', { fallbacks, timeoutMs: 10_000 }),
      testUpstream('chat', '1.1.0', { fallbacks: ['1.0.0'] }),
    ],
    backup: [testUpstream('backup', '3.0.0', { fallbacks: ['chat'] })],
    local: [testVersion('local', '4.0.0')],
    vectors: ['1.0.0'],
  });
  /** What a version fails with; others answer with their name. */
  const failures = new Map<string, () => Error | Promise<Error>>();
  const tried: string[] = [];
  serving.runtime.forward = async (_request, _context, spec): Promise<WireAnswer> => {
    tried.push(label(spec));
    const fail = failures.get(label(spec));
    if (fail !== undefined) throw await fail();
    return { kind: 'json', text: label(spec), usage: undefined };
  };
  const fail = (versions: readonly string[], kind: ErrorKind) => {
    for (const version of versions) failures.set(version, () => new ScarmonitError(kind, `${version} failed.`));
  };
  const forward = (more: Partial<InferenceCall> = {}) =>
    serving.inference.serve(serving.call(more), 'chat', async (version) => ({
      servedBy: version.servedBy,
      text: await answerTextOf(version),
    }));
  return { ...serving, forward, fail, failures, tried };
}

async function answerTextOf(version: ServingVersion): Promise<string> {
  if (!version.canForward) throw new ScarmonitError('unsupported', 'The engine cannot do that.');
  const answer = await version.forward({ endpoint: 'chat/completions', body: {} });
  return answer.kind === 'json' ? answer.text : '';
}

const outcomes = (records: readonly { id: string; model: string; version: string; outcome: string }[]) =>
  records.map(({ id, model, version, outcome }) => [id, `${model}@${version}`, outcome]);

describe('falling back', () => {
  it.each(['engine_failure', 'bad_gateway', 'overloaded', 'not_ready', 'rate_limited', 'timeout'] as const)(
    'goes to the next place on %s, and says what served',
    async (kind) => {
      const { forward, fail, records } = await serve();
      fail(['chat@1.0.0'], kind);
      expect(await forward()).toEqual({
        servedBy: { model: 'chat', version: '1.1.0', fallback: 'chat@1.1.0' },
        text: 'chat@1.1.0',
      });
      expect(outcomes(records)).toEqual([
        ['record-1', 'chat@1.0.0', { timeout: 'timeout', rate_limited: 'limited' }[String(kind)] ?? 'error'],
        ['record-2', 'chat@1.1.0', 'ok'],
      ]);
    },
  );

  it('does not say so when the version itself served', async () => {
    const { forward } = await serve();
    expect((await forward()).servedBy).toEqual({ model: 'chat', version: '1.0.0' });
  });

  it.each(['invalid_request', 'unsupported', 'context_length_exceeded', 'forbidden', 'cancelled', 'internal'] as const)(
    'stays where it is on %s',
    async (kind) => {
      const { forward, fail, tried, records } = await serve();
      fail(['chat@1.0.0'], kind);
      await expect(forward()).rejects.toMatchObject({ kind });
      expect(tried).toEqual(['chat@1.0.0']);
      expect(records).toHaveLength(1);
    },
  );

  it('tries each place once in order, with no loops, and throws the last failure', async () => {
    const { forward, fail, tried, records } = await serve(['1.0.0', '1.1.0', 'backup', '1.1.0', 'chat']);
    fail(['chat@1.0.0', 'chat@1.1.0'], 'engine_failure');
    fail(['backup@3.0.0'], 'rate_limited');
    await expect(forward()).rejects.toMatchObject({ kind: 'rate_limited', message: 'backup@3.0.0 failed.' });
    expect(tried).toEqual(['chat@1.0.0', 'chat@1.1.0', 'backup@3.0.0']);
    expect(outcomes(records)).toEqual([
      ['record-1', 'chat@1.0.0', 'error'],
      ['record-2', 'chat@1.1.0', 'error'],
      ['record-3', 'backup@3.0.0', 'limited'],
    ]);
  });

  it('stops at a fallback that finds the request wrong', async () => {
    const { forward, fail, tried } = await serve();
    fail(['chat@1.0.0'], 'engine_failure');
    fail(['chat@1.1.0'], 'context_length_exceeded');
    await expect(forward()).rejects.toMatchObject({ kind: 'context_length_exceeded' });
    expect(tried).toEqual(['chat@1.0.0', 'chat@1.1.0']);
  });

  it('passes over a fallback that cannot do what the version asked for can', async () => {
    const { forward, fail } = await serve(['local']);
    fail(['chat@1.0.0'], 'overloaded');
    await expect(forward()).rejects.toMatchObject({ kind: 'overloaded', message: 'chat@1.0.0 failed.' });
  });

  it.each(['1.0.0', 'stable'])('never leaves a version that the client pinned: %s', async (pin) => {
    const { forward, fail, tried } = await serve();
    fail(['chat@1.0.0'], 'engine_failure');
    await expect(forward({ pin })).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(tried).toEqual(['chat@1.0.0']);
  });

  it('passes over names that are gone, of another task, or not allowed to the key', async () => {
    const { forward, fail, tried } = await serve(['9.9.9', 'gone', 'vectors', 'backup']);
    fail(['chat@1.0.0'], 'engine_failure');
    const limited = { ...testKey, models: ['chat'] };
    await expect(forward({ key: limited })).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(tried).toEqual(['chat@1.0.0']);
    expect(await forward()).toMatchObject({ text: 'backup@3.0.0' });
  });

  it('goes on when a version is not loaded, which is recorded as an attempt', async () => {
    const { forward, runtime, records } = await serve();
    runtime.changeState('restarting', 'it crashed');
    await expect(forward()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(records.map(({ status, costUsd }) => [status, costUsd])).toEqual(Array.from({ length: 4 }, () => [503, 0]));
  });

  it('spends no more time on all attempts than the first version allows', async () => {
    const { forward, failures, tried, clock, records, runtime } = await serve();
    failures.set('chat@1.0.0', async () => {
      await new Promise<void>((resolve) => clock.schedule(4_000, resolve));
      return new ScarmonitError('timeout', 'The upstream sent nothing for 4 s.');
    });
    const forwardAtOnce = runtime.forward;
    runtime.forward = async (request, context, spec) => {
      if (label(spec) !== 'chat@1.1.0') return forwardAtOnce(request, context, spec);
      tried.push(label(spec));
      return new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    };
    const refused = expect(forward()).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/'chat' did not finish within 10 s\..*timeoutMs of its version 1\.0\.0/),
    });
    await clock.advance(10_000);
    await refused;
    expect(tried).toEqual(['chat@1.0.0', 'chat@1.1.0']);
    expect(records.map(({ outcome, latencyMs }) => [outcome, latencyMs])).toEqual([
      ['timeout', 4_000],
      ['timeout', 6_000],
    ]);
  });

  it('names the fallback when its own limit is the shorter one', async () => {
    const { inference, call, clock, runtime } = await createTestServing({
      chat: [testUpstream('chat', '1.0.0', { fallbacks: ['1.1.0'], timeoutMs: 10_000 }), shortLived],
    });
    runtime.forward = async (_request, { signal }, spec) => {
      if (spec !== shortLived) throw new ScarmonitError('engine_failure', 'The upstream went away.');
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    };
    const refused = expect(inference.serve(call(), 'chat', answerTextOf)).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/within 3 s\..*timeoutMs of its version 1\.1\.0/),
    });
    await clock.advance(3_000);
    await refused;
  });

  it('charges only the attempt that did the work', async () => {
    const { forward, fail, records } = await serve();
    fail(['chat@1.0.0'], 'overloaded');
    fail(['chat@1.1.0'], 'rate_limited');
    await forward();
    expect(records.map(({ costUsd }) => costUsd)).toEqual([0, 0, 0.001]);
  });

  it('goes on when a stream ends before its first chunk, and not after it', async () => {
    const { inference, runtime, call, records } = await serve();
    let piecesBeforeFailure = 0;
    runtime.forward = async (_request, _context, spec) => ({
      kind: 'stream',
      chunks: (async function* () {
        for (let piece = 0; piece < piecesBeforeFailure; piece += 1) yield { text: label(spec) };
        if (label(spec) === 'chat@1.0.0') throw new ScarmonitError('engine_failure', 'The upstream went away.');
        yield { text: label(spec) };
      })(),
    });
    const read = () =>
      inference.serve(call(), 'chat', async (version) => {
        const answer = await version.forward({ endpoint: 'chat/completions', body: {} });
        if (answer.kind !== 'stream') throw new Error('The answer is no stream.');
        return answer.chunks[Symbol.asyncIterator]();
      });
    expect((await (await read()).next()).value).toEqual({ text: 'chat@1.1.0' });
    piecesBeforeFailure = 1;
    const chunks = await read();
    expect((await chunks.next()).value).toEqual({ text: 'chat@1.0.0' });
    await expect(chunks.next()).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(records.at(-1)).toMatchObject({ version: '1.0.0', outcome: 'error', outputTokens: 1 });
  });

  it('goes from an upstream to an engine on this machine', async () => {
    const { inference, fail, call } = await serve(['local']);
    fail(['chat@1.0.0'], 'engine_failure');
    const answer = await inference.serve(call(), 'chat', async (version) =>
      version.canForward ? answerTextOf(version) : `${version.servedBy.fallback} generates`,
    );
    expect(answer).toBe('local@4.0.0 generates');
  });

  it('does not go on once the client has left', async () => {
    const { forward, failures, tried, records, leave } = await serve();
    failures.set('chat@1.0.0', () => {
      leave();
      return new ScarmonitError('engine_failure', 'The upstream went away.');
    });
    await expect(forward()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(tried).toEqual(['chat@1.0.0']);
    expect(outcomes(records)).toEqual([['record-1', 'chat@1.0.0', 'cancelled']]);
  });
});
