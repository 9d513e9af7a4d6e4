import type { OpenOptions } from '@scarmonit/core/ports/artifact-source';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerWithRange, startHttpServer, type TestServer } from '../../../../test/artifacts/start-http-server.ts';
import { collectBytes, makeBytes, sha256Of } from '../../../../test/artifacts/test-bytes.ts';
import { testArtifactSource } from '../../../../test/contracts/artifact-source.ts';
import { createHubSource, type HubOptions } from './hub-source.ts';
import { readHubFile } from './read-hub-file.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const model = makeBytes(2 << 20);
const config = new TextEncoder().encode('{"a":1}');

interface TestHub {
  readonly hub: TestServer;
  readonly cdn: TestServer;
  close(): Promise<void>;
}

/** Speaks the layout of huggingface.co: large files on a CDN of another origin, small ones from git, private repos. */
async function startHub(): Promise<TestHub> {
  const cdn = await startHttpServer((request, response) =>
    answerWithRange(request, response, model, { etag: '"cdn"' }),
  );
  const hub = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://hub');
    const match = /^\/(\w+)\/(\w+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [, owner, repo, revision, file] = match ?? [];
    const isKnown = revision === 'main' || revision === COMMIT || revision === 'refs%2Fpr%2F1';
    if (owner === 'private' && request.headers.authorization !== 'Bearer hf_right') {
      response.writeHead(401).end();
    } else if (owner === 'old') {
      response.writeHead(307, { location: `/new/${repo}/resolve/${revision}/${file}` }).end();
    } else if (isKnown && (file === 'model.gguf' || file === 'deep/a%2Bb.gguf')) {
      response.writeHead(302, {
        location: `${cdn.url}/blob?signature=abc`,
        'x-repo-commit': COMMIT,
        'x-linked-size': model.byteLength,
        'x-linked-etag': `"${sha256Of(model)}"`,
      });
      response.end();
    } else if (isKnown && file === 'config.json') {
      const etag = '"5f1b6d3c2a0e4b7c8d9e0f1a2b3c4d5e6f708192"';
      answerWithRange(request, response, config, { 'x-repo-commit': COMMIT, etag });
    } else {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    }
  });
  return {
    hub,
    cdn,
    close: async () => {
      await hub.close();
      await cdn.close();
    },
  };
}

testArtifactSource('hf', async () => {
  const { hub, close } = await startHub();
  return {
    source: createHubSource({ endpoint: `${hub.url}/` }),
    reference: 'hf:owner/repo/model.gguf',
    bytes: model,
    missing: 'hf:owner/repo/none.gguf',
    malformed: ['hf:model.gguf', 'hf:owner/repo', 'hf:owner/repo/../x', 'hf:owner/repo/a b', 'hf:owner/repo/x@'],
    resumes: true,
    close,
  };
});

describe('hf source and metadata', () => {
  let servers: TestHub;
  beforeEach(async () => {
    servers = await startHub();
  });
  afterEach(() => servers.close());

  const open = (reference: string, hub: HubOptions = {}, options: Partial<OpenOptions> = {}) =>
    createHubSource({ endpoint: servers.hub.url, ...hub }).open(reference, {
      offset: 0,
      signal: new AbortController().signal,
      ...options,
    });
  const read = (reference: string, hub: HubOptions = {}) =>
    readHubFile(reference, { endpoint: servers.hub.url, ...hub });

  it('reads revisions with slashes and files in folders', async () => {
    await collectBytes((await open('hf:owner/repo/model.gguf@refs/pr/1')).stream);
    await collectBytes((await open('hf:owner/repo/deep/a+b.gguf')).stream);
    expect(servers.hub.requests.map(({ path }) => path)).toEqual([
      '/owner/repo/resolve/refs%2Fpr%2F1/model.gguf',
      '/owner/repo/resolve/main/deep/a%2Bb.gguf',
    ]);
  });

  it('sends the token to the hub and never to where it redirects', async () => {
    const { stream } = await open('hf:private/repo/model.gguf', { token: 'hf_right' }, { offset: 10 });
    await collectBytes(stream);
    expect(servers.hub.requests[0]?.headers.authorization).toBe('Bearer hf_right');
    expect(servers.cdn.requests[0]?.headers.authorization).toBeUndefined();
    expect(servers.cdn.requests[0]?.headers.range).toBe('bytes=10-');
  });

  it('says what to do when the hub refuses, without the token', async () => {
    await expect(open('hf:private/repo/model.gguf')).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/HF_TOKEN/),
    });
    const wrong = open('hf:private/repo/model.gguf', { token: 'hf_wrong' });
    await expect(wrong).rejects.toMatchObject({ kind: 'forbidden', message: expect.not.stringContaining('hf_wrong') });
    await expect(read('hf:private/repo/model.gguf')).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/HF_TOKEN/),
    });
  });

  it('takes size, digest and commit from the metadata alone', async () => {
    expect(await read('hf:owner/repo/model.gguf')).toEqual({
      sha256: sha256Of(model),
      bytes: model.byteLength,
      commit: COMMIT,
      pinned: `hf:owner/repo/model.gguf@${COMMIT}`,
    });
    expect(servers.hub.requests.map(({ method }) => method)).toEqual(['HEAD']);
    expect(servers.cdn.requests).toEqual([]);
  });

  it('hashes small files, whose ETag is a git blob', async () => {
    expect(await read('hf:owner/repo/config.json')).toMatchObject({
      sha256: sha256Of(config),
      bytes: config.byteLength,
    });
    expect(servers.hub.requests.at(-1)?.path).toBe(`/owner/repo/resolve/${COMMIT}/config.json`);
  });

  it('follows a renamed repository to its metadata', async () => {
    expect(await read('hf:old/repo/model.gguf')).toMatchObject({ sha256: sha256Of(model), commit: COMMIT });
  });

  it('pins what can be opened again', async () => {
    const { pinned, sha256 } = await read('hf:owner/repo/model.gguf');
    expect(sha256Of(await collectBytes((await open(pinned)).stream))).toBe(sha256);
  });

  it('says not_found for an unknown file or revision', async () => {
    await expect(read('hf:owner/repo/none.gguf')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(read('hf:owner/repo/model.gguf@v9')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('says when the other side is no hub', async () => {
    await expect(read('hf:owner/repo/model.gguf', { endpoint: servers.cdn.url })).rejects.toMatchObject({
      message: expect.stringMatching(/is it a model hub/),
    });
  });
});
