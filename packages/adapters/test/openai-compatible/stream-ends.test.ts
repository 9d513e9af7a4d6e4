import { afterEach, describe, expect, it } from 'vitest';
import {
  answer,
  completion,
  delta,
  done,
  event,
  type MisbehavingUpstream,
  write,
} from '../fixtures/misbehaving-upstream.ts';
import { chunksOf, type Gateway, Opened, textOf } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

type Call = MisbehavingUpstream['calls'][number];

const ok = answer(200, completion('Hello'));
const breakOff = ({ socket }: Call) => void socket.destroy();
const finish = ({ response }: Call) => void response.end(delta('b', 'stop') + done);
const options = { retries: 0, breaker: { failures: 5, windowMs: 30_000, coolDownMs: 5_000 } };
const quick = { ...options, breaker: { ...options.breaker, failures: 2 } };

/** Reads a stream that goes on after its first chunk was read, and ends as `end` makes it. @returns what it ended with */
async function readThrough({ forward }: Gateway, upstream: MisbehavingUpstream, end: (call: Call) => void) {
  const chunks = chunksOf(await forward({ body: { stream: true } }))[Symbol.asyncIterator]();
  await chunks.next();
  const call = upstream.calls.at(-1);
  if (call === undefined) throw new Error('the upstream was not asked');
  end(call);
  try {
    while ((await chunks.next()).done !== true);
    return 'done';
  } catch (error) {
    return error;
  }
}

describe('a stream that ends after its first chunk', () => {
  it('is in flight no more for whoever looks for the least busy target', async () => {
    const [streaming, waiting] = [await opened.upstream(write(delta('a'))), await opened.upstream(write())];
    const gateway = await opened.gateway([waiting, streaming], { balance: 'least-busy' });
    const client = new AbortController();
    const pending = gateway.forward({}, client.signal).catch(() => undefined);
    await expect.poll(() => waiting.calls.length).toBe(1);
    for (let turn = 0; turn < 3; turn++) expect(await readThrough(gateway, streaming, finish)).toBe('done');
    expect(await readThrough(gateway, streaming, breakOff)).toMatchObject({ code: 'upstream_broke_off' });
    client.abort();
    await pending;

    streaming.behave(ok);
    waiting.behave(ok);
    for (let turn = 0; turn < 4; turn++) await gateway.forward();
    expect([streaming.calls.length, waiting.calls.length]).toEqual([4 + 2, 1 + 2]);
    expect(await gateway.version.stats()).toMatchObject({ running: 0 });
  });

  it('counts against the target when it is broken off, however long the last one was ago', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const gateway = await opened.gateway([upstream], { options });
    for (let turn = 0; turn < 5; turn++) {
      await gateway.clock.advance(31_000);
      expect(await readThrough(gateway, upstream, breakOff)).toMatchObject({ code: 'upstream_broke_off' });
    }
    upstream.behave(ok);
    const out = {
      code: 'upstream_broke_off',
      retryAfterMs: 5_000,
      message: expect.stringContaining('out of rotation'),
    };
    await expect(gateway.forward()).rejects.toMatchObject(out);
    expect(upstream.calls).toHaveLength(5);

    // The one request that is let through begins well and breaks again.
    upstream.behave(write(delta('a')));
    await gateway.clock.advance(5_000);
    await readThrough(gateway, upstream, breakOff);
    upstream.behave(ok);
    await expect(gateway.forward()).rejects.toMatchObject(out);
    expect(upstream.calls).toHaveLength(6);

    upstream.behave(write(delta('a')));
    await gateway.clock.advance(5_000);
    await readThrough(gateway, upstream, finish);
    await readThrough(gateway, upstream, breakOff);
    upstream.behave(ok);
    expect(textOf(await gateway.forward())).toContain('Hello');
  });

  it.each<[string, (call: Call) => void, string]>([
    ['stops', () => {}, 'upstream_timeout'],
    [
      'sends an error',
      ({ response }) => void response.write(event({ error: { message: 'no memory' } })),
      'upstream_error',
    ],
  ])('counts against the target when it %s', async (_what, end, code) => {
    const upstream = await opened.upstream(write(delta('a')));
    const gateway = await opened.gateway([upstream], { options: { ...quick, idleTimeoutMs: 50 } });
    for (let turn = 0; turn < 2; turn++) expect(await readThrough(gateway, upstream, end)).toMatchObject({ code });
    upstream.behave(ok);
    await expect(gateway.forward()).rejects.toMatchObject({ code, retryAfterMs: 5_000 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('counts for the target when it is complete', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const gateway = await opened.gateway([upstream], { options });
    for (let turn = 0; turn < 8; turn++) {
      for (const end of [finish, finish, breakOff]) await readThrough(gateway, upstream, end);
    }
    expect(upstream.calls).toHaveLength(24);
    upstream.behave(ok);
    expect(textOf(await gateway.forward())).toContain('Hello');
  });

  it('counts neither way when the client leaves', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const gateway = await opened.gateway([upstream], { options });
    const leave = async () => {
      const chunks = chunksOf(await gateway.forward({ body: { stream: true } }))[Symbol.asyncIterator]();
      await chunks.next();
      await chunks.return?.();
    };
    for (let turn = 0; turn < 6; turn++) await leave();
    for (let turn = 0; turn < 5; turn++) {
      await leave();
      await readThrough(gateway, upstream, breakOff);
    }
    upstream.behave(ok);
    await expect(gateway.forward()).rejects.toMatchObject({ code: 'upstream_broke_off', retryAfterMs: 5_000 });
    expect(upstream.calls).toHaveLength(16);
  });
});
