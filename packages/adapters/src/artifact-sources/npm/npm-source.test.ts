import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestServer } from '../../../test/artifacts/start-http-server.ts';
import { startNpmRegistry } from '../../../test/artifacts/start-npm-registry.ts';
import { collectBytes, makeBytes } from '../../../test/artifacts/test-bytes.ts';
import { testArtifactSource } from '../../../test/contracts/artifact-source.ts';
import { createNpmSource } from './npm-source.ts';
import { readNpmConfig } from './read-npm-config.ts';

const weights = makeBytes(2 << 20);
const vocabulary = makeBytes(5000, 2);
const packages = [
  { name: '@models/tiny', version: '1.2.3', files: { 'dist/model.bin': weights, 'dist/vocab.json': vocabulary } },
  { name: 'plain', version: '0.1.0-rc.1', files: { 'model.part': vocabulary } },
  { name: 'damaged', version: '1.0.0', files: { 'model.part': weights }, damaged: true },
];

testArtifactSource('npm', async () => {
  const registry = await startNpmRegistry(packages);
  const spoolDir = await mkdtemp(join(tmpdir(), 'npm-source-'));
  return {
    source: createNpmSource({ spoolDir, readOptions: async () => ({ registry: registry.url }) }),
    reference: 'npm:@models/tiny@1.2.3/dist/model.bin',
    bytes: weights,
    missing: 'npm:@models/tiny@1.2.3/dist/none.bin',
    malformed: [
      'npm:',
      'npm:plain',
      'npm:plain/model.part',
      'npm:plain@^1.0.0/model.part',
      'npm:plain@latest/model.part',
    ],
    resumes: false,
    close: async () => {
      await registry.close();
      await rm(spoolDir, { recursive: true });
    },
  };
});

describe('npm source', () => {
  let registry: TestServer;
  let folder: string;
  beforeEach(async () => {
    registry = await startNpmRegistry(packages, ({ headers }) => headers.authorization !== 'Bearer wrong');
    folder = await mkdtemp(join(tmpdir(), 'npm-source-'));
  });
  afterEach(async () => {
    await registry.close();
    await rm(folder, { recursive: true });
  });

  const create = (options: Record<string, unknown> = {}) =>
    createNpmSource({
      spoolDir: folder,
      readOptions: async () => ({ registry: registry.url, fetchRetries: 0, ...options }),
    });
  const options = { offset: 0, signal: new AbortController().signal };
  const tarballRequests = () => registry.requests.filter(({ path }) => path.endsWith('.tgz')).length;

  it('fetches a package once for all files that are held, and forgets it after the last', async () => {
    const source = create();
    const model = 'npm:@models/tiny@1.2.3/dist/model.bin';
    const vocab = 'npm:@models/tiny@1.2.3/dist/vocab.json';
    const releases = [source.hold?.(model), source.hold?.(vocab)];
    await collectBytes((await source.open(model, options)).stream);
    await releases[0]?.();
    expect(Buffer.compare(await collectBytes((await source.open(vocab, options)).stream), vocabulary)).toBe(0);
    expect(tarballRequests()).toBe(1);
    await releases[1]?.();
    await releases[1]?.();
    await collectBytes((await source.open(vocab, options)).stream);
    expect(tarballRequests()).toBe(2);
  });

  it('fetches a package once for files that are wanted at the same time', async () => {
    const source = create();
    const opened = await Promise.all(
      ['dist/model.bin', 'dist/vocab.json'].map((path) => source.open(`npm:@models/tiny@1.2.3/${path}`, options)),
    );
    const [model, vocab] = await Promise.all(opened.map(({ stream }) => collectBytes(stream)));
    expect([model?.byteLength, vocab?.byteLength]).toEqual([weights.byteLength, vocabulary.byteLength]);
    expect(tarballRequests()).toBe(1);
  });

  it('leaves no file behind, not even while it works', async () => {
    const { stream } = await create().open('npm:plain@0.1.0-rc.1/model.part', options);
    expect(await readdir(folder)).toEqual([]);
    await collectBytes(stream);
  });

  it('refuses a tarball whose integrity is wrong', async () => {
    await expect(create().open('npm:damaged@1.0.0/model.part', options)).rejects.toMatchObject({
      kind: 'engine_failure',
      message: expect.stringMatching(/npm:damaged@1\.0\.0\/model\.part.*integrity/s),
    });
  });

  it('says not_found for unknown packages and versions', async () => {
    for (const reference of ['npm:none@1.0.0/x', 'npm:plain@9.9.9/model.part']) {
      await expect(create().open(reference, options)).rejects.toMatchObject({ kind: 'not_found' });
    }
  });

  it('says forbidden, and where to look, when the registry refuses the credentials', async () => {
    const nerfed = registry.url.replace('http:', '');
    const source = create({ [`${nerfed}/:_authToken`]: 'wrong' });
    await expect(source.open('npm:plain@0.1.0-rc.1/model.part', options)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('.npmrc'),
    });
  });

  it('reads registry and credentials as npm does, the environment first', async () => {
    const nerfed = registry.url.replace('http:', '');
    await writeFile(join(folder, 'package.json'), '{}');
    await writeFile(
      join(folder, '.npmrc'),
      `registry=http://127.0.0.1:1/\n@models:registry=${registry.url}\n${nerfed}/:_authToken=\${MODEL_TOKEN}\n`,
    );
    const env = { HOME: folder, MODEL_TOKEN: 'right', npm_config_fetch_retries: '0' };
    const source = createNpmSource({
      spoolDir: join(folder, 'spool'),
      readOptions: () => readNpmConfig({ cwd: folder, env }),
    });
    await collectBytes((await source.open('npm:@models/tiny@1.2.3/dist/vocab.json', options)).stream);
    expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer right', 'Bearer right']);

    const config = await readNpmConfig({ cwd: folder, env: { ...env, npm_config_registry: 'http://127.0.0.1:2/' } });
    expect(config['registry']).toBe('http://127.0.0.1:2/');
  });
});
