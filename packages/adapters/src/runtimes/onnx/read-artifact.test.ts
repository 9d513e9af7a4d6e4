import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTar } from 'nanotar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArtifact } from './read-artifact.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'scarmonit-artifact-'));
});
afterAll(() => rm(directory, { recursive: true }));

const config = { task: 'embedding', output: 'embedding', maxTokens: 8 };
const write = async (files: Readonly<Record<string, string>>) => {
  const path = join(directory, 'artifact.tar');
  await writeFile(path, createTar(Object.entries(files).map(([name, data]) => ({ name, data }))));
  return path;
};
const writeWith = (changes: Readonly<Record<string, unknown>>) =>
  write({ 'model.onnx': 'bytes', 'tokenizer.json': '{}', 'config.json': JSON.stringify({ ...config, ...changes }) });

describe('an onnx artifact', () => {
  it('is opened, with defaults for what its config leaves out', async () => {
    const artifact = await readArtifact(await writeWith({}));
    expect(new TextDecoder().decode(artifact.model)).toBe('bytes');
    expect(artifact.config).toEqual({ ...config, pooling: 'none', normalize: false, labels: [] });
  });

  it('that lacks a file is refused with what it has', async () => {
    const path = await write({ 'model.onnx': 'bytes', 'vocab.txt': '' });
    await expect(readArtifact(path)).rejects.toThrow('There is no tokenizer.json: it has model.onnx.');
  });

  it('that is no tar is refused', async () => {
    const path = join(directory, 'bare.onnx');
    await writeFile(path, 'not a tar at all'.repeat(100));
    await expect(readArtifact(path)).rejects.toThrow('it is no tar');
  });

  it.each([
    ['task', 'translation', '"embedding" or "classification"'],
    ['output', '', "the name of one of the graph's outputs"],
    ['maxTokens', 0, 'a whole number above 0'],
    ['pooling', 'max', '"none", "mean" or "cls"'],
    ['normalize', 'yes', 'true or false'],
    ['labels', [1], 'a list of texts'],
    ['emptyInput', 'zero', '"reject"'],
  ])('with a wrong %s is refused: %j', async (key, value, expected) => {
    await expect(readArtifact(await writeWith({ [key]: value }))).rejects.toThrow(
      `config.json of the artifact: "${key}" must be ${expected}.`,
    );
  });

  it('that classifies needs at least two labels', async () => {
    const path = await writeWith({ task: 'classification', labels: ['only'] });
    await expect(readArtifact(path)).rejects.toThrow('"labels" must be a list of at least two texts');
  });
});
