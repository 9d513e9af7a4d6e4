import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, type ListenOptions, listen } from './listen.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.close(0)));
});

async function serve(options: Partial<ListenOptions> = {}): Promise<URL> {
  const listening = await listen({ host: '127.0.0.1', port: 0, fetch: () => new Response('hello'), ...options });
  open.push(listening);
  return new URL(listening.url);
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
async function exchange(url: URL, bytes: string): Promise<string> {
  const socket = connect(Number(url.port), url.hostname);
  socket.write(bytes);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  await once(socket, 'close');
  return answer;
}

describe('listening on Node', () => {
  it('answers what is not HTTP with 400 in the error shape of all others', async () => {
    const answer = await exchange(await serve(), 'this is not http\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('answers huge headers with 431', async () => {
    const answer = await exchange(await serve(), `GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('cuts off a client that drips its headers', async () => {
    const url = await serve({ timeouts: { headersMs: 20, wholeRequestMs: 40, checkEveryMs: 10 } });
    const answer = await exchange(url, 'GET / HTTP/1.1\r\nhost: x\r\nx-slow:');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('cuts off a client that drips its body', async () => {
    const url = await serve({
      fetch: async (request) => new Response(await request.text()),
      timeouts: { headersMs: 20, wholeRequestMs: 40, checkEveryMs: 10 },
    });
    const answer = await exchange(url, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    expect(answer).not.toContain('200 OK');
  });

  it('serves what the direct way finds past fetch, and all else by it', async () => {
    const url = await serve({
      direct: {
        find: (method, path) =>
          method === 'POST' && path === '/direct'
            ? async (request) => ({
                status: 201,
                headers: { 'x-way': 'direct' },
                body: `${await request.readBody(100)} ${request.header('x-sent')}`,
              })
            : undefined,
      },
    });
    const post = (path: string, headers = {}) =>
      fetch(new URL(path, url), {
        method: 'POST',
        body: 'ä',
        headers: { authorization: 'Bearer sk-1', 'x-sent': 'it', ...headers },
      });
    const answer = await post('/direct');
    expect([answer.status, answer.headers.get('x-way'), await answer.text()]).toEqual([201, 'direct', 'ä it']);
    expect(await (await post('/other')).text()).toBe('hello');
    expect(await (await post('/direct', { origin: 'http://page.example' })).text()).toBe('hello');
    const byCookie = await fetch(new URL('/direct', url), { method: 'POST', body: 'ä', headers: { cookie: 'a=b' } });
    expect(await byCookie.text()).toBe('hello');
  });

  it('takes the pieces of an answer only as fast as its client does, and stops when that leaves', async () => {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    let read = 0;
    const url = await serve({
      direct: {
        find: () => async () => ({
          status: 200,
          headers: {},
          body: {
            ended: false,
            read: async () => {
              read += 1;
              return 'x'.repeat(1024 * 1024);
            },
            cancel: async () => cancel(),
          },
        }),
      },
    });
    const socket = connect(Number(url.port), url.hostname);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-1\r\ncontent-length: 0\r\n\r\n');
    await once(socket, 'readable');
    socket.destroy();
    await cancelled;
    // What the buffers of both ends hold, and no more.
    expect(read).toBeLessThan(64);
  });

  it('lets requests in flight finish when it closes, and takes no new ones', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: answer, resolve: finish } = Promise.withResolvers<Response>();
    const listening = await listen({
      host: '127.0.0.1',
      port: 0,
      fetch: () => {
        arrive();
        return answer;
      },
    });
    const inFlight = fetch(listening.url);
    await arrived;
    const closed = listening.close(60_000);
    await expect(fetch(listening.url)).rejects.toThrow();
    finish(new Response('done'));
    const answered = await inFlight;
    expect(answered.headers.get('connection')).toBe('close');
    expect(await answered.text()).toBe('done');
    await closed;
  });

  it('answers what was on its way when it closed, and says that the connection ends with it', async () => {
    const url = await serve();
    const socket = connect(Number(url.port), url.hostname).setEncoding('utf8');
    const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
    socket.write(request);
    const [first] = await once(socket, 'data');
    expect(first).toContain('Connection: keep-alive');
    const closed = open.pop()?.close(60_000);
    socket.write(request);
    const [second] = await once(socket, 'data');
    expect(second).toMatch(/^HTTP\/1\.1 200 /);
    expect(second).toContain('Connection: close');
    await closed;
  });

  it('says what to do when the port is taken', async () => {
    const url = await serve();
    await expect(listen({ host: '127.0.0.1', port: Number(url.port), fetch: () => new Response('') })).rejects.toThrow(
      /taken.*PORT=8788 npm start/,
    );
  });
});
