import { describe, expect, it } from 'vitest';
import { identifyVersion } from '../deployments/identify-version.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import { ManifestError } from './manifest-error.ts';
import { parseManifest } from './parse-manifest.ts';

const runtime = 'workers-ai';

function parse(version: Record<string, unknown>, task = 'chat'): VersionSpec {
  const models = { edge: { task, stable: '1.0.0', versions: { '1.0.0': { runtime, ...version } } } };
  const [model] = parseManifest({ value: { apiVersion: 'scarmonit/v1', models }, lineOf: () => undefined }).models;
  const [spec] = model?.versions ?? [];
  if (spec === undefined) throw new Error('the manifest declares a version');
  return spec;
}

function problemsOf(version: Record<string, unknown>): readonly string[] {
  try {
    parse(version);
  } catch (error) {
    if (error instanceof ManifestError) return error.issues.map(({ message }) => message.replace(/^.*?\]\./, ''));
    throw error;
  }
  return [];
}

describe('versions of runtime workers-ai', () => {
  it.each([
    ['chat', '@cf/meta/llama-3-8b-instruct'],
    ['embedding', '@cf/baai/bge-base-en-v1.5'],
    ['classification', '@cf/huggingface/distilbert-sst-2-int8'],
  ])('run the default model of task %s when they name none', (task, model) => {
    expect(parse({}, task)).toEqual({
      model: 'edge',
      version: '1.0.0',
      task,
      runtime,
      target: { model },
      options: {},
      prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
      timeoutMs: 120_000,
      fallbacks: [],
    });
  });

  it('name their model, their account, their token and where the API is', () => {
    const target = {
      model: '@hf/nousresearch/hermes-2-pro-mistral-7b',
      accountId: 'abc123',
      apiToken: `\${CF_API_KEY}`,
    };
    const baseUrl = 'http://127.0.0.1:8799/client/v4';
    expect(parse({ ...target, baseUrl: `${baseUrl}/` })).toMatchObject({ target: { ...target, baseUrl } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a near key', { acountId: 'x' }, 'acountId is not a known key; did you mean accountId?'],
    [
      'an artifact',
      { artifact: {} },
      expect.stringContaining('artifact is not a known key; known here are runtime, model'),
    ],
    [
      'a model that would leave its path',
      { model: '@cf/../../tokens' },
      "model must be a model of Cloudflare's catalogue, such as @cf/meta/llama-3-8b-instruct.",
    ],
    [
      'a token in the file',
      { apiToken: 'v1.0-secret' },
      `apiToken must be \${NAME}, with the key itself in the environment variable NAME.`,
    ],
    [
      'an account with a path in it',
      { accountId: 'a/../b' },
      `accountId must be the id of a Cloudflare account, or \${NAME} with the id in the environment variable NAME.`,
    ],
    [
      'an address with a password',
      { baseUrl: 'http://me:secret@a/client/v4' },
      'baseUrl must be an http or https address without a user, a query or a fragment.',
    ],
  ])('explain %s', (_what, version, message) => {
    expect(problemsOf(version)).toContainEqual(message);
  });

  it('are another version with another model or API, and the same with another account or token', () => {
    const digest = (version: Record<string, unknown>) =>
      identifyVersion(parse(version), { sha256Hex: (text: string) => text } as Parameters<typeof identifyVersion>[1]);
    const first = digest({});
    expect(digest({ accountId: 'other', apiToken: `\${OTHER_API_KEY}` })).toBe(first);
    expect(digest({ model: '@cf/meta/llama-3-8b-instruct' })).toBe(first);
    expect(digest({ model: '@cf/meta/llama-3.1-8b-instruct' })).not.toBe(first);
    expect(digest({ baseUrl: 'http://127.0.0.1:1/client/v4' })).not.toBe(first);
  });
});
