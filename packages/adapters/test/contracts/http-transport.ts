import type { HttpConnections, HttpRequest, HttpResponse, HttpTransport } from '@scarmonit/core/ports/http-transport';
import { HttpTransportError } from '@scarmonit/core/ports/http-transport';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MisbehavingOrigins } from '../fixtures/misbehaving-origins.ts';

const patient = { firstByteTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
const closing = new Error('the server says that this request was left');

/** What a transport cannot do, because what it is made of cannot. */
export interface TransportLimits {
  /** Bodies that come compressed although nobody asked for it are unpacked: `fetch` always does. */
  readonly unpacks?: boolean;
  /** `fetch` does not tell when a connection is made: the deadline for the first byte holds for both. */
  readonly hasNoConnectDeadline?: boolean;
  /** workerd has the same words for a connection that is refused and for one that is lost before the answer. */
  readonly tellsNoConnectFromBroken?: boolean;
}

/**
 * What every HTTP transport must do, over real sockets.
 * @param openOrigins starts the servers of `fixtures/misbehaving-origins.ts`, in this process or beside it: they are
 *   steered by their URLs alone
 */
export function testHttpTransport(
  name: string,
  createTransport: () => HttpTransport,
  openOrigins: () => Promise<MisbehavingOrigins>,
  limits: TransportLimits = {},
): void {
  describe(`http transport: ${name}`, () => {
    let origins: MisbehavingOrigins;
    let connections: HttpConnections;
    let lastId = 0;
    beforeAll(async () => {
      origins = await openOrigins();
    });
    afterAll(() => origins.close());
    beforeEach(() => {
      connections = open(origins.http);
    });
    afterEach(() => connections.close());

    const open = (origin: string, connectTimeoutMs = 60_000) => createTransport().open(origin, { connectTimeoutMs });
    const get = (path: string, changes: Partial<HttpRequest> = {}) =>
      connections.request({
        method: 'GET',
        path,
        headers: {},
        signal: new AbortController().signal,
        ...patient,
        ...changes,
      });
    const nextId = () => `${++lastId}`;
    /** Asks the server, past the transport. */
    const tell = async (path: string): Promise<string> => (await fetch(`${origins.http}${path}`)).text();
    /** A round trip past the transport, in which it comes to know that an answer has ended. */
    const settle = (): Promise<string> => tell('/echo');
    const left = async (id: string): Promise<void> => expect(await tell(`/left?id=${id}`)).toBe('left');

    describe('a request', () => {
      it('arrives with its method, its path with the query, its headers and its body in UTF-8', async () => {
        const response = await get('/echo?a=1&b=%C3%A9', {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: 'Bearer secret', 'x-request-id': 'r1' },
          body: '{"text":"héllo 🦙"}',
        });
        const seen = JSON.parse(await textOf(response));
        expect(seen).toMatchObject({ method: 'POST', path: '/echo?a=1&b=%C3%A9', body: '{"text":"héllo 🦙"}' });
        expect(seen.headers).toMatchObject({
          'content-type': 'application/json',
          'content-length': '22',
          authorization: 'Bearer secret',
          'x-request-id': 'r1',
          host: new URL(origins.http).host,
        });
      });

      it('always asks for bodies as they are', async () => {
        for (const headers of [{}, { 'accept-encoding': 'gzip' }]) {
          const seen = JSON.parse(await textOf(await get('/echo', { headers })));
          expect(seen.headers['accept-encoding']).toBe('identity');
        }
      });

      it('takes the connection of the one before it', async () => {
        const first = await get('/echo');
        await textOf(first);
        await settle();
        const second = await get('/echo');
        expect(second.headers['x-connection']).toBe(first.headers['x-connection']);
        await textOf(second);
      });

      it('waits for no other on the same origin', async () => {
        const silent = get(`/silent?id=${nextId()}`);
        expect((await get('/echo')).status).toBe(200);
        await connections.close();
        await expectFailure(silent, 'aborted');
      });
    });

    describe('an answer', () => {
      it('tells any status, with the names of its headers in lower case and repeated ones joined', async () => {
        const response = await get('/status?code=503');
        expect(response.status).toBe(503);
        expect(response.headers).toMatchObject({ 'retry-after': '7', 'x-many': 'one, two', 'x-empty': '' });
        expect(await textOf(response)).toBe('status 503');
      });

      it('is here before its body, and each piece as soon as it was sent', async () => {
        const id = nextId();
        const response = await get(`/pieces?id=${id}`);
        const pieces = response.body[Symbol.asyncIterator]();
        expect(await pieceOf(pieces)).toBe('first');
        await tell(`/release?id=${id}`);
        expect(await pieceOf(pieces)).toBe('second');
        expect(await pieceOf(pieces)).toBeUndefined();
      });

      it('may have no body', async () => {
        const response = await get('/status?code=204');
        expect(response.status).toBe(204);
        expect(await textOf(response)).toBe('');
      });

      it('that is a redirect is not followed', async () => {
        const response = await get('/redirect');
        expect(response.status).toBe(302);
        expect(response.headers['location']).toBe('/echo');
        expect(await textOf(response)).toBe('elsewhere');
      });

      if (limits.unpacks !== true) {
        it('that was compressed nevertheless comes as it was sent', async () => {
          const response = await get('/gzip');
          expect(response.headers['content-encoding']).toBe('gzip');
          expect((await bytesOf(response)).subarray(0, 3)).toEqual(Uint8Array.of(0x1f, 0x8b, 8));
        });
      }

      it('is not mistaken for the informational ones before it', async () => {
        const response = await get('/early-hints');
        expect([response.status, await textOf(response)]).toEqual([200, 'after the hints']);
      });

      it('comes whole and in order, however slow its reader is', async () => {
        const response = await get('/large?bytes=8000000');
        let seen = 0;
        for await (const piece of response.body) {
          if (piece.some((byte, index) => byte !== (seen + index) % 251)) throw new Error(`wrong after ${seen} bytes`);
          seen += piece.length;
          await undefined;
        }
        expect(seen).toBe(8_000_000);
      });

      it('ends by its length when the connection stays open, and by its end when it has none', async () => {
        expect(await textOf(await get('/until-closed'))).toBe('all of it');
      });
    });

    describe('a caller who leaves', () => {
      it('before the start sends nothing', async () => {
        const id = nextId();
        await expectFailure(get(`/silent?id=${id}`, { signal: AbortSignal.abort() }), 'aborted');
        expect(await tell(`/seen?id=${id}`)).toBe('no');
      });

      it('before the first byte closes the connection at once', async () => {
        const [id, abort] = [nextId(), new AbortController()];
        const asked = get(`/silent?id=${id}`, { signal: abort.signal });
        await tell(`/arrived?id=${id}`);
        abort.abort();
        await expectFailure(asked, 'aborted');
        await left(id);
      });

      it('after the first byte closes it too, also while a read waits', async () => {
        const [id, abort] = [nextId(), new AbortController()];
        const response = await get(`/pieces?id=${id}`, { signal: abort.signal });
        const pieces = response.body[Symbol.asyncIterator]();
        expect(await pieceOf(pieces)).toBe('first');
        const waiting = pieceOf(pieces);
        abort.abort();
        await expectFailure(waiting, 'aborted');
        await left(id);
      });

      it('with the reason of its own gets the typed error all the same', async () => {
        const [id, abort] = [nextId(), new AbortController()];
        const asked = get(`/silent?id=${id}`, { signal: abort.signal });
        await tell(`/arrived?id=${id}`);
        abort.abort(closing);
        await expectFailure(asked, 'aborted');
      });

      it('by ending the iteration closes it', async () => {
        const id = nextId();
        for await (const piece of (await get(`/pieces?id=${id}`)).body) {
          expect(new TextDecoder().decode(piece)).toBe('first');
          break;
        }
        await left(id);
      });

      it('by cancelling the body closes it, and a read that waits fails', async () => {
        const id = nextId();
        const { body } = await get(`/pieces?id=${id}`);
        const pieces = body[Symbol.asyncIterator]();
        await pieces.next();
        const waiting = pieceOf(pieces);
        body.cancel();
        body.cancel();
        await expectFailure(waiting, 'aborted');
        await left(id);
      });

      it('after the end does nothing', async () => {
        const abort = new AbortController();
        const response = await get('/echo', { signal: abort.signal });
        await textOf(response);
        response.body.cancel();
        abort.abort();
        await settle();
        const second = await get('/echo');
        expect(second.headers['x-connection']).toBe(response.headers['x-connection']);
        await textOf(second);
      });
    });

    describe('a body that is discarded', () => {
      it('leaves the connection to the next request when it is short', async () => {
        const first = await get('/status?code=503');
        first.body.discard();
        await expect
          .poll(async () => {
            const next = await get('/echo');
            await textOf(next);
            return next.headers['x-connection'];
          })
          .toBe(first.headers['x-connection']);
      });

      it('is cancelled when it does not end', async () => {
        const id = nextId();
        (await get(`/large?bytes=1e12&id=${id}`)).body.discard();
        await left(id);
      });
    });

    describe('a failure beneath HTTP', () => {
      it('of connecting: nobody listens', async () => {
        connections = open(origins.refused);
        await expectFailure(get('/echo'), 'connect');
      });

      it('of connecting: the other side speaks no TLS', async () => {
        connections = open(origins.http.replace('http:', 'https:'));
        await expectFailure(get('/echo'), 'connect');
      });

      if (limits.hasNoConnectDeadline !== true) {
        it('of connecting: it takes too long', async () => {
          connections = open(origins.mute.replace('http:', 'https:'), 50);
          await expectFailure(get('/echo'), 'connect');
        });
      }

      it.each(['/reset', '/end', '/not-http'])('before the answer: %s', async (path) => {
        await expectFailure(get(path), limits.tellsNoConnectFromBroken ? 'connect' : 'broken');
      });

      it.each(['/reset-midway', '/end-midway', '/short', '/broken-chunks'])(
        'in the middle of the body, after what came before it: %s',
        async (path) => {
          const pieces = (await get(path)).body[Symbol.asyncIterator]();
          expect(await pieceOf(pieces)).toBe('half');
          await expectFailure(pieceOf(pieces), 'broken');
        },
      );

      it('is told of again to a reader who asks again', async () => {
        const pieces = (await get('/reset-midway')).body[Symbol.asyncIterator]();
        await pieces.next();
        for (let read = 0; read < 2; read += 1) await expectFailure(pieceOf(pieces), 'broken');
      });

      it('of time: no headers', async () => {
        const id = nextId();
        await expectFailure(get(`/silent?id=${id}`, { firstByteTimeoutMs: 50 }), 'first-byte-timeout');
        await left(id);
      });

      it('of time: a part of the headers, and no more', async () => {
        await expectFailure(get('/half-headers', { firstByteTimeoutMs: 50 }), 'first-byte-timeout');
      });

      it('of time: nothing after the first piece', async () => {
        const id = nextId();
        const response = await get(`/pieces?id=${id}`, { idleTimeoutMs: 50 });
        const pieces = response.body[Symbol.asyncIterator]();
        expect(await pieceOf(pieces)).toBe('first');
        await expectFailure(pieceOf(pieces), 'idle-timeout');
        await left(id);
      });

      it('of time never comes from a reader who does not ask for more', async () => {
        const idleTimeoutMs = 500;
        const response = await get('/large?bytes=64e6', { idleTimeoutMs });
        const pieces = response.body[Symbol.asyncIterator]();
        let seen = (await pieces.next()).value.length;
        // Two others run into the same deadline one after the other: so much time has passed.
        for (let other = 0; other < 2; other += 1) {
          const stalled = await get(`/pieces?id=${nextId()}`, { idleTimeoutMs });
          await expectFailure(textOf(stalled), 'idle-timeout');
        }
        for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) seen += piece.value.length;
        expect(seen).toBe(64_000_000);
      });
    });

    describe('closing the connections', () => {
      it('fails what is in flight, waiting and reading, and what comes later; a second time does nothing', async () => {
        const [first, second] = [nextId(), nextId()];
        const waiting = get(`/silent?id=${first}`);
        await tell(`/arrived?id=${first}`);
        const reading = textOf(await get(`/pieces?id=${second}`));
        await Promise.all([connections.close(), expectFailure(waiting, 'aborted'), expectFailure(reading, 'aborted')]);
        await connections.close();
        await expectFailure(get('/echo'), 'aborted');
        await Promise.all([left(first), left(second)]);
      });

      it('leaves other connections to the same origin alone', async () => {
        const other = open(origins.http);
        const id = nextId();
        const kept = await get(`/pieces?id=${id}`);
        await other.close();
        await tell(`/release?id=${id}`);
        expect(await textOf(kept)).toBe('firstsecond');
      });
    });
  });
}

async function expectFailure(work: Promise<unknown>, failure: HttpTransportError['failure']): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HttpTransportError);
  expect(error).toMatchObject({ failure });
}

async function pieceOf(pieces: AsyncIterator<Uint8Array>): Promise<string | undefined> {
  const { done, value } = await pieces.next();
  return done === true ? undefined : new TextDecoder().decode(value);
}

async function bytesOf({ body }: HttpResponse): Promise<Uint8Array> {
  const pieces: number[] = [];
  for await (const piece of body) pieces.push(...piece);
  return Uint8Array.from(pieces);
}

async function textOf(response: HttpResponse): Promise<string> {
  return new TextDecoder().decode(await bytesOf(response));
}
