import { describe, expect, it } from 'vitest';
import { ManifestError } from './manifest-error.ts';
import { parseManifest } from './parse-manifest.ts';

const upstream = { runtime: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1/', model: 'llama3.2' };

function parse(version: Record<string, unknown>, task = 'chat', more: Record<string, unknown> = {}) {
  const models = { chat: { task, stable: '1.0.0', versions: { '1.0.0': version, ...more } } };
  const other = { task: 'embedding', stable: '1.0.0', versions: { '1.0.0': upstream } };
  const value = {
    apiVersion: 'scarmonit/v1',
    models: { ...models, vectors: other, 'chat-2': { ...other, task: 'chat' } },
  };
  return parseManifest({ value, lineOf: () => undefined }).models[0]?.versions[0];
}

function problemsOf(...parts: Parameters<typeof parse>): readonly string[] {
  try {
    parse(...parts);
  } catch (error) {
    if (error instanceof ManifestError)
      return error.issues.map(({ message }) => message.replace(/^.*?\["1\.0\.0"\]\.?/, ''));
    throw error;
  }
  return [];
}

describe('versions that run elsewhere', () => {
  it('have one target or several', () => {
    expect(parse(upstream)).toEqual({
      model: 'chat',
      version: '1.0.0',
      task: 'chat',
      runtime: 'openai-compatible',
      targets: [{ baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama3.2', weight: 1 }],
      balance: 'weighted',
      options: {},
      prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
      timeoutMs: 120_000,
      fallbacks: [],
    });
    const targets = [
      { baseUrl: 'https://a.example/v1', model: 'm', apiKey: `\${KEY_A}`, weight: 3 },
      { baseUrl: 'https://b.example/v1', model: 'n' },
    ];
    const balance = 'least-busy';
    expect(parse({ runtime: 'openai-compatible', targets, balance })).toMatchObject({
      targets: [targets[0], { ...targets[1], weight: 1 }],
      balance,
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a near key', { ...upstream, baseurl: 'x' }, 'baseurl is not a known key; did you mean baseUrl?'],
    [
      'an artifact',
      { ...upstream, artifact: {} },
      'artifact is not a known key; known here are runtime, baseUrl, model, apiKey, targets, balance, options, prices, timeoutMs, fallbacks.',
    ],
    [
      'no address',
      { runtime: 'openai-compatible', model: 'm' },
      'baseUrl is missing; an openai-compatible version needs baseUrl and model, or targets.',
    ],
    [
      'an address beside targets',
      { ...upstream, targets: [{ baseUrl: 'http://a/v1', model: 'm' }] },
      'baseUrl stands beside targets; put it into each of them.',
    ],
    [
      'an address with a password',
      { ...upstream, baseUrl: 'http://me:secret@a/v1' },
      'baseUrl must be an http or https address without a user, a query or a fragment.',
    ],
    [
      'a key in the file',
      { ...upstream, apiKey: 'sk-123' },
      `apiKey must be \${NAME}, with the key itself in the environment variable NAME.`,
    ],
    [
      'a near key of a target',
      { runtime: 'openai-compatible', targets: [{ baseUrl: 'http://a/v1', model: 'm', wieght: 1 }] },
      'targets[0].wieght is not a known key; did you mean weight?',
    ],
    [
      'an unknown runtime',
      { runtime: 'vllm' },
      'runtime must be one of llama-cpp, onnx, openai-compatible, workers-ai.',
    ],
    ['no runtime', {}, 'runtime must be one of llama-cpp, onnx, openai-compatible, workers-ai.'],
    [
      'a local version without an artifact',
      { runtime: 'onnx' },
      'artifact is missing; it must be a mapping with sha256 and from.',
    ],
    [
      'a local version with an address',
      { ...upstream, runtime: 'onnx' },
      'baseUrl is not a known key; known here are runtime, artifact, options, prices, timeoutMs, fallbacks.',
    ],
    [
      'a fallback to itself',
      { ...upstream, fallbacks: ['1.0.0'] },
      'fallbacks[0] is 1.0.0, which is where the request failed; name another version or another model.',
    ],
    [
      'a fallback to nothing',
      { ...upstream, fallbacks: ['2.0.0'] },
      'fallbacks[0] is 2.0.0, which is neither a version of chat nor a model; there is chat-2.',
    ],
    [
      'a fallback to another task',
      { ...upstream, fallbacks: ['vectors'] },
      'fallbacks[0] is vectors, which does embedding and not chat.',
    ],
  ])('explains %s', (_what, version, message) => {
    expect(problemsOf(version)).toContain(message);
  });

  it('explains what is no version at all', () => {
    const parsed = () => parse('latest' as never);
    expect(parsed).toThrow('must be a mapping with runtime, and artifact or baseUrl.');
  });

  it('do not classify', () => {
    expect(problemsOf(upstream, 'classification')).toContain(
      'runtime is openai-compatible, which does chat and embedding, not classification.',
    );
  });

  it('fall back to another version or another model of the task, in a ring if need be', () => {
    const back = { ...upstream, fallbacks: ['1.0.0'] };
    expect(parse({ ...upstream, fallbacks: ['2.0.0', 'chat-2'] }, 'chat', { '2.0.0': back })).toMatchObject({
      fallbacks: ['2.0.0', 'chat-2'],
    });
  });
});
