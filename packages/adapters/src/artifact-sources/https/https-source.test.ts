import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenOptions } from '@scarmonit/core/ports/artifact-source';
import { afterEach, describe, expect, it } from 'vitest';
import { answerWithRange, startHttpServer, type TestServer } from '../../../test/artifacts/start-http-server.ts';
import { collectBytes, makeBytes } from '../../../test/artifacts/test-bytes.ts';
import { testArtifactSource } from '../../../test/contracts/artifact-source.ts';
import { createHttpsSource, createLoopbackHttpSource } from './https-source.ts';

const bytes = makeBytes(2 << 20);

testArtifactSource('https (a server that knows ranges)', async () => {
  const server = await startHttpServer((request, response) => {
    if (request.url === '/model.bin') answerWithRange(request, response, bytes, { etag: '"one"' });
    else response.writeHead(404).end('no');
  });
  return {
    source: createLoopbackHttpSource(),
    reference: `${server.url}/model.bin`,
    bytes,
    missing: `${server.url}/none.bin`,
    malformed: ['https:', 'https://user:secret@example.com/model.bin', 'http://example.com/model.bin'],
    resumes: true,
    close: () => server.close(),
  };
});

testArtifactSource('https (a server that knows none)', async () => {
  const server = await startHttpServer((request, response) => {
    response.writeHead(request.url === '/model.bin' ? 200 : 410, {
      'content-length': request.url === '/model.bin' ? bytes.byteLength : 0,
    });
    response.end(request.url === '/model.bin' ? bytes : undefined);
  });
  return {
    source: createLoopbackHttpSource(),
    reference: `${server.url}/model.bin`,
    bytes,
    missing: `${server.url}/none.bin`,
    malformed: [],
    resumes: false,
    close: () => server.close(),
  };
});

describe('https source', () => {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  const start = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = await startHttpServer(answer);
    servers.push(server);
    return server;
  };
  const open = (reference: string, options: Partial<OpenOptions> = {}, stallTimeoutMs = 5000) =>
    createLoopbackHttpSource({ stallTimeoutMs }).open(reference, {
      offset: 0,
      signal: new AbortController().signal,
      ...options,
    });

  it('passes the ETag on, and starts again when it has changed', async () => {
    let etag = '"one"';
    const server = await start((request, response) => answerWithRange(request, response, bytes, { etag }));
    const first = await open(`${server.url}/x`);
    await collectBytes(first.stream);
    expect(first.validator).toBe('"one"');

    const second = await open(`${server.url}/x`, { offset: 1000, validator: '"one"' });
    expect(second.offset).toBe(1000);
    await collectBytes(second.stream);

    etag = '"two"';
    const third = await open(`${server.url}/x`, { offset: 1000, validator: '"one"' });
    expect(third).toMatchObject({ offset: 0, validator: '"two"' });
    expect(Buffer.compare(await collectBytes(third.stream), bytes)).toBe(0);
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, '"one"', '"one"']);
  });

  it('takes a weak ETag for none', async () => {
    const server = await start((request, response) => answerWithRange(request, response, bytes, { etag: 'W/"one"' }));
    const { validator, stream } = await open(`${server.url}/x`);
    await collectBytes(stream);
    expect(validator).toBeUndefined();
  });

  it('asks for the bytes as they are', async () => {
    const server = await start((request, response) => answerWithRange(request, response, bytes));
    await collectBytes((await open(`${server.url}/x`)).stream);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('follows redirects with the range', async () => {
    const server = await start((request, response) => {
      if (request.url === '/x') response.writeHead(302, { location: '/y' }).end();
      else if (request.url === '/y') response.writeHead(307, { location: `${server.url}/z` }).end();
      else answerWithRange(request, response, bytes);
    });
    const { offset, stream } = await open(`${server.url}/x`, { offset: 7 });
    expect(offset).toBe(7);
    expect((await collectBytes(stream)).byteLength).toBe(bytes.byteLength - 7);
  });

  it('gives up on a ring of redirects', async () => {
    const server = await start((_request, response) => void response.writeHead(302, { location: '/x' }).end());
    await expect(open(`${server.url}/x`)).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringMatching(/redirects/),
    });
  });

  it('follows no redirect to plain HTTP elsewhere', async () => {
    const server = await start(
      (_request, response) => void response.writeHead(302, { location: 'http://example.com/' }).end(),
    );
    await expect(open(`${server.url}/x`)).rejects.toMatchObject({ message: expect.stringContaining('is not https') });
  });

  it('says that a transfer was cut', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, { 'content-length': bytes.byteLength });
      response.write(bytes.subarray(0, 100_000), () => response.destroy());
    });
    const { stream } = await open(`${server.url}/x`);
    await expect(collectBytes(stream)).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringContaining(`${server.url}/x`),
    });
  });

  it('says that a transfer stalled', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, { 'content-length': bytes.byteLength });
      response.write(bytes.subarray(0, 1000));
    });
    const { stream } = await open(`${server.url}/x`, {}, 50);
    await expect(collectBytes(stream)).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringMatching(/[Tt]imeout/),
    });
  });

  it('says when nobody listens', async () => {
    const server = await startHttpServer(() => {});
    await server.close();
    await expect(open(`${server.url}/x`)).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  it('refuses an answer to another range', async () => {
    const server = await start((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 5 }).end('56789');
    });
    await expect(open(`${server.url}/x`, { offset: 3 })).rejects.toMatchObject({
      message: expect.stringMatching(/bytes 5-9\/10/),
    });
  });

  it.each([
    [401, 'forbidden'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [503, 'engine_failure'],
  ])('turns HTTP %i into %s', async (status, kind) => {
    const server = await start((_request, response) => void response.writeHead(status, { 'retry-after': '3' }).end());
    await expect(open(`${server.url}/x`)).rejects.toMatchObject({
      kind,
      retryAfterMs: status === 503 ? 3000 : undefined,
    });
  });

  it('serves no plain HTTP under its own name', () => {
    expect(createHttpsSource().scheme).toBe('https');
    expect(createLoopbackHttpSource().scheme).toBe('http');
  });
});
