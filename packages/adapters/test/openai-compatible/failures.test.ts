import { createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answer,
  type Behaviour,
  begin,
  completion,
  delta,
  done,
  event,
  stream,
  write,
} from '../fixtures/misbehaving-upstream.ts';
import { chunksOf, Opened, readContent, textOf, upstreamKey } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

const streamed = { body: { stream: true } };
const ok = answer(200, completion('Hello'));
const never: Behaviour = () => {};

/** Behaves one way after the other; the last way from then on. */
function inTurn(...behaviours: Behaviour[]): Behaviour {
  return (call) => (behaviours.length > 1 ? behaviours.shift() : behaviours[0])?.(call);
}

describe('a client that leaves', () => {
  it.each([
    ['before the answer', {}, never],
    ['before the first byte of a stream', streamed, never],
    ['between the headers and the first chunk', streamed, write(': waiting\n\n')],
  ])('is noticed by the upstream %s', async (_when, request, behaviour) => {
    const upstream = await opened.upstream(behaviour);
    const { forward, version } = await opened.gateway([upstream]);
    const client = new AbortController();
    const wire = forward(request, client.signal);
    await expect.poll(() => upstream.calls.length).toBe(1);
    client.abort();
    await expect(wire).rejects.toMatchObject({ kind: 'cancelled' });
    await upstream.calls[0]?.left;
    expect(upstream.calls).toHaveLength(1);
    expect(await version.stats()).toMatchObject({ running: 0 });
  });

  it.each(['the signal', 'the iterator'])('is noticed by the upstream within a stream, by %s', async (by) => {
    const upstream = await opened.upstream(write(delta('a')));
    const { forward, version } = await opened.gateway([upstream]);
    const client = new AbortController();
    const chunks = chunksOf(await forward(streamed, client.signal))[Symbol.asyncIterator]();
    await chunks.next();
    const next = chunks.next();
    if (by === 'the signal') {
      client.abort();
      await expect(next).rejects.toMatchObject({ kind: 'cancelled' });
    } else await chunks.return?.();
    await upstream.calls[0]?.left;
    expect(await version.stats()).toMatchObject({ running: 0 });
  });

  it('is not counted against the target', async () => {
    const upstream = await opened.upstream(never);
    const { forward } = await opened.gateway([upstream]);
    for (let turn = 0; turn < 6; turn++) {
      const client = new AbortController();
      const wire = forward({}, client.signal);
      await expect.poll(() => upstream.calls.length).toBe(turn + 1);
      client.abort();
      await expect(wire).rejects.toMatchObject({ kind: 'cancelled' });
    }
    upstream.behave(ok);
    expect(textOf(await forward())).toContain('Hello');
  });
});

describe('an upstream that breaks off', () => {
  it.each<[string, Behaviour]>([
    [
      'its connection dies',
      ({ response, socket }) => {
        begin(response, [delta('Hel')]);
        setImmediate(() => socket.destroy());
      },
    ],
    ['its end comes without [DONE] and finish', stream(delta('Hel'))],
    [
      'it says so in the stream',
      stream(
        delta('Hel'),
        event({ error: { message: `out of memory at http://10.0.0.1/x with ${upstreamKey}`, code: 'oom' } }),
      ),
    ],
    ['a chunk is no JSON', stream(delta('Hel'), 'data: {"choices":[\n\n', done)],
  ])('ends the stream with an error when %s', async (_what, behaviour) => {
    const upstream = await opened.upstream(behaviour);
    const { forward, version } = await opened.gateway([upstream]);
    const chunks = chunksOf(await forward(streamed))[Symbol.asyncIterator]();
    expect((await chunks.next()).value?.text).toContain('Hel');
    const error = await Promise.resolve(chunks.next()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: expect.stringMatching(/^(engine_failure|bad_gateway)$/) });
    expect(String(error)).not.toContain(upstreamKey);
    expect(String(error)).not.toContain('10.0.0.1');
    expect(upstream.calls).toHaveLength(1);
    expect(await version.stats()).toMatchObject({ running: 0 });
  });

  it('is asked again while the client has seen nothing', async () => {
    const refuse = stream(event({ error: { message: 'busy' } }));
    const upstream = await opened.upstream(
      inTurn(({ socket }) => void socket.destroy(), refuse, stream(delta('a', 'stop'), done)),
    );
    const { forward } = await opened.gateway([upstream]);
    expect(await readContent(await forward(streamed))).toBe('a');
    expect(upstream.calls).toHaveLength(3);
  });

  it('may close its half of the connection after the request', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { forward } = await opened.gateway([{ baseUrl: `http://127.0.0.1:${port}/v1` }]);
    await expect(forward()).rejects.toMatchObject({ kind: 'engine_failure', code: 'upstream_broke_off' });
    expect(sockets).toHaveLength(3);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('may send a line that never ends', async () => {
    const upstream = await opened.upstream(async ({ response, left }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let hasLeft = false;
      void left.then(() => (hasLeft = true));
      const piece = 'x'.repeat(1 << 20);
      while (!hasLeft) {
        response.write(piece);
        await new Promise(setImmediate);
      }
    });
    const { forward } = await opened.gateway([upstream]);
    await expect(forward(streamed)).rejects.toMatchObject({ kind: 'bad_gateway', code: 'upstream_malformed_answer' });
    await upstream.calls[0]?.left;
  });
});

describe('an upstream that is slow', () => {
  it('has its deadline for the first byte', async () => {
    const upstream = await opened.upstream(never);
    const { forward } = await opened.gateway([upstream], { options: { firstByteTimeoutMs: 50 } });
    await expect(forward()).rejects.toMatchObject({ kind: 'timeout', code: 'upstream_timeout' });
    expect(upstream.calls).toHaveLength(1);
  });

  it('has its deadline between two chunks', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const { forward } = await opened.gateway([upstream], { options: { idleTimeoutMs: 50 } });
    const chunks = chunksOf(await forward(streamed))[Symbol.asyncIterator]();
    await chunks.next();
    await expect(chunks.next()).rejects.toMatchObject({ kind: 'timeout' });
    await upstream.calls[0]?.left;
  });

  it('may take longer in all than any of its deadlines', async () => {
    const upstream = await opened.upstream(async ({ response }) => {
      begin(response);
      for (let turn = 0; turn < 20; turn++) {
        await setTimeout(20);
        response.write(delta('x'));
      }
      response.end(delta('', 'stop') + done);
    });
    const options = { connectTimeoutMs: 200, firstByteTimeoutMs: 200, idleTimeoutMs: 200 };
    const { forward } = await opened.gateway([upstream], { options });
    expect(await readContent(await forward(streamed))).toBe('x'.repeat(20));
  });
});

describe('what the client hears of an upstream’s failure', () => {
  it.each<[string, Behaviour, Record<string, unknown>]>([
    [
      'a bad request, in the upstream’s words',
      answer(400, { error: { message: 'Bad top_p.', param: 'top_p', code: 'bad_value' } }),
      { kind: 'invalid_request', message: 'Bad top_p.', param: 'top_p', code: 'bad_value' },
    ],
    [
      'a prompt that is too long',
      answer(400, { object: 'error', message: "This model's maximum context length is 8 tokens.", code: 400 }),
      { kind: 'context_length_exceeded', code: 'context_length_exceeded' },
    ],
    ['an answer without a body', answer(422, ''), { kind: 'invalid_request' }],
    [
      'a key that is refused',
      answer(401, { error: { message: `Incorrect API key: ${upstreamKey}` } }),
      { kind: 'engine_failure', message: 'The upstream refused its key.' },
    ],
    ['a model that is not there', answer(404, { error: 'model not found' }), { kind: 'engine_failure' }],
    ['a redirect', answer(302, '', { location: 'http://127.0.0.1:9/' }), { kind: 'engine_failure' }],
    ['JSON that is none', answer(200, '{"choices":['), { kind: 'bad_gateway', code: 'upstream_malformed_answer' }],
    [
      'an error with a status of success',
      answer(200, { error: { message: 'no' } }),
      { kind: 'engine_failure', code: 'upstream_error' },
    ],
    [
      'a failure',
      answer(500, 'Traceback'),
      { kind: 'engine_failure', message: 'The upstream failed with status 500.' },
    ],
  ])('%s', async (_what, behaviour, expected) => {
    const upstream = await opened.upstream(behaviour);
    const { forward } = await opened.gateway([upstream]);
    const error = await forward().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(expected);
    expect(String(error)).not.toContain(upstreamKey);
  });

  it('an upstream that is not there', async () => {
    const upstream = await opened.upstream(ok);
    await upstream.close();
    const { forward } = await opened.gateway([upstream]);
    const error = await forward().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'bad_gateway', code: 'upstream_unreachable' });
    expect(String(error)).not.toContain('127.0.0.1');
  });

  it('too many requests, with the time to wait, when that is too long to wait here', async () => {
    const limited = { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } };
    const upstream = await opened.upstream(answer(429, limited, { 'retry-after': '7' }));
    const { forward } = await opened.gateway([upstream]);
    await expect(forward()).rejects.toMatchObject({
      kind: 'rate_limited',
      message: 'Slow down.',
      code: 'rate_limit_exceeded',
      retryAfterMs: 7_000,
    });
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('trying again', () => {
  it('waits as long as the upstream says, no shorter', async () => {
    const upstream = await opened.upstream(inTurn(answer(503, '', { 'retry-after-ms': '1500' }), ok));
    const { forward, clock } = await opened.gateway([upstream]);
    const wire = forward();
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(1_499);
    expect(upstream.calls).toHaveLength(1);
    await clock.advance(1);
    expect(textOf(await wire)).toContain('Hello');
    expect(upstream.calls).toHaveLength(2);
  });

  it('spreads its waits by chance, ever longer, and gives up after its number', async () => {
    const upstream = await opened.upstream(answer(500, ''));
    const { forward, clock } = await opened.gateway([upstream], { options: { retries: 2 } }, () => 0.5);
    const wire = forward().catch((error: unknown) => error);
    for (const waitMs of [50, 100]) {
      await expect.poll(() => clock.pending).toBe(1);
      await clock.advance(waitMs - 1);
      expect(clock.pending).toBe(1);
      await clock.advance(1);
      expect(clock.pending).toBe(0);
    }
    expect(await wire).toMatchObject({ kind: 'engine_failure' });
    expect(upstream.calls).toHaveLength(3);
  });

  it('reaches an upstream that begins to listen meanwhile', async () => {
    const early = await opened.upstream(ok);
    await early.close();
    const { forward, clock } = await opened.gateway([early], {}, () => 0.5);
    const wire = forward();
    await expect.poll(() => clock.pending).toBe(1);
    const late = await opened.upstream(ok, Number(new URL(early.baseUrl).port));
    await clock.advance(50);
    expect(textOf(await wire)).toContain('Hello');
    expect([early.calls.length, late.calls.length]).toEqual([0, 1]);
  });

  it('does not wait for what would begin after the deadline of the request', async () => {
    const upstream = await opened.upstream(answer(503, '', { 'retry-after-ms': '1500' }));
    const { forward, clock } = await opened.gateway([upstream], { timeoutMs: 1_500 });
    await expect(forward()).rejects.toMatchObject({ kind: 'engine_failure' });
    expect([upstream.calls.length, clock.pending]).toEqual([1, 0]);
  });

  it('stops waiting when the client leaves', async () => {
    const upstream = await opened.upstream(answer(500, ''));
    const { forward, clock } = await opened.gateway([upstream], {}, () => 0.5);
    const client = new AbortController();
    const wire = forward({}, client.signal);
    await expect.poll(() => clock.pending).toBe(1);
    client.abort();
    await expect(wire).rejects.toMatchObject({ kind: 'cancelled' });
    expect(clock.pending).toBe(0);
  });

  it('goes to another target at once', async () => {
    const bad = await opened.upstream(answer(429, '', { 'retry-after': '60' }));
    const good = await opened.upstream(ok);
    const { forward, clock } = await opened.gateway([bad, good]);
    expect(textOf(await forward())).toContain('Hello');
    expect(clock.pending).toBe(0);
    expect([bad.calls.length, good.calls.length]).toEqual([1, 1]);
  });

  it('never happens for a request that is at fault', async () => {
    const upstream = await opened.upstream(answer(400, ''));
    const { forward } = await opened.gateway([upstream]);
    await expect(forward()).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('a target that keeps failing', () => {
  const options = { retries: 0, breaker: { failures: 5, windowMs: 30_000, coolDownMs: 5_000 } };

  it('is taken out of rotation, and comes back when it answers', async () => {
    const upstream = await opened.upstream(answer(500, ''));
    const { forward, clock } = await opened.gateway([upstream], { options });
    for (let turn = 0; turn < 25; turn++) {
      await expect(forward()).rejects.toMatchObject({ kind: 'engine_failure', code: 'upstream_error' });
    }
    expect(upstream.calls).toHaveLength(5);
    await expect(forward()).rejects.toMatchObject({ retryAfterMs: 5_000, message: expect.stringContaining('500') });

    upstream.behave(ok);
    await clock.advance(5_000);
    expect(textOf(await forward())).toContain('Hello');
    expect(textOf(await forward())).toContain('Hello');
  });

  it('is not one that refuses what clients ask', async () => {
    const refuse = answer(400, { error: { message: 'Bad top_p.' } });
    const upstream = await opened.upstream(refuse);
    const { forward } = await opened.gateway([upstream], { options });
    for (let turn = 0; turn < 10; turn++) await expect(forward()).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(upstream.calls).toHaveLength(10);
  });

  it('keeps its last error, and its longer cool-down', async () => {
    const upstream = await opened.upstream(
      inTurn(
        answer(500, ''),
        answer(500, ''),
        answer(500, ''),
        answer(500, ''),
        answer(429, '', { 'retry-after': '60' }),
      ),
    );
    const { forward, clock } = await opened.gateway([upstream], { options });
    for (let turn = 0; turn < 5; turn++) await expect(forward()).rejects.toThrow();
    await clock.advance(30_000);
    await expect(forward()).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 30_000 });
    expect(upstream.calls).toHaveLength(5);
  });

  it('leaves its share to the others', async () => {
    const bad = await opened.upstream(answer(500, ''));
    const good = await opened.upstream(ok);
    const { forward } = await opened.gateway([bad, good], { options: { ...options, retries: 1 } });
    for (let turn = 0; turn < 30; turn++) expect(textOf(await forward())).toContain('Hello');
    expect([bad.calls.length, good.calls.length]).toEqual([5, 30]);
  });
});
