import { describe, expect, it } from 'vitest';
import { parseManifest } from './parse-manifest.ts';
import { type ExplainSecretUse, listSecretUses } from './secret-uses.ts';

const secret = (name: string) => `\${${name}}`;

const chat = (version: object) => ({
  apiVersion: 'scarmonit/v1',
  models: { chat: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': version } } },
});

/** Every key stands on a line of its own depth, and nothing that is not there on any. */
function read(value: object, explain?: ExplainSecretUse) {
  const lineOf = (path: readonly (string | number)[]): number | undefined => {
    let at: unknown = value;
    for (const step of path) at = (at as Record<string | number, unknown> | undefined)?.[step];
    return at === undefined ? undefined : path.length;
  };
  return parseManifest({ value, lineOf }, explain);
}

const usesIn = (version: object) =>
  read(chat(version)).models.flatMap(({ versions }) => versions.flatMap((spec) => [...listSecretUses(spec)]));

describe('the secrets that a version uses', () => {
  it('are the keys of its targets, each with the address that gets it', () => {
    const targets = [
      { baseUrl: 'http://a/v1', model: 'm', apiKey: secret('A_API_KEY') },
      { baseUrl: 'http://b/v1', model: 'm' },
      { baseUrl: 'http://c/v1', model: 'm', apiKey: secret('A_API_KEY') },
    ];
    expect(usesIn({ runtime: 'openai-compatible', targets })).toMatchObject([
      { name: 'A_API_KEY', baseUrl: 'http://a/v1', path: ['targets', 0, 'apiKey'] },
      { name: 'A_API_KEY', baseUrl: 'http://c/v1', path: ['targets', 2, 'apiKey'] },
    ]);
  });

  it('are the account of Workers AI, the host’s own where none is named', () => {
    const cloudflare = 'https://api.cloudflare.com/client/v4';
    expect(usesIn({ runtime: 'workers-ai' })).toMatchObject([
      { name: 'CLOUDFLARE_ACCOUNT_ID', baseUrl: cloudflare },
      { name: 'CLOUDFLARE_API_TOKEN', baseUrl: cloudflare },
    ]);
    const version = { runtime: 'workers-ai', accountId: 'abc', apiToken: secret('B_API_KEY'), baseUrl: 'http://e' };
    expect(usesIn(version)).toEqual([
      { name: 'B_API_KEY', baseUrl: 'http://e', runtime: 'workers-ai', path: ['apiToken'] },
    ]);
  });
});

describe('a manifest that is not the operator’s own', () => {
  const explain: ExplainSecretUse = ({ name, baseUrl }) =>
    baseUrl.startsWith('http://good') ? undefined : `would send ${name} to ${baseUrl}.`;

  it('is refused with every secret that would go elsewhere, and where that stands', () => {
    const apiKey = secret('A_API_KEY');
    const targets = ['good', 'bad', 'worse'].map((host) => ({ baseUrl: `http://${host}/v1`, model: 'm', apiKey }));
    expect(() => read(chat({ runtime: 'openai-compatible', targets }), explain)).toThrow(
      expect.objectContaining({
        kind: 'invalid_request',
        code: 'secret_not_bound',
        issues: [1, 2].map((index) => ({
          path: `models.chat.versions["1.0.0"].targets[${index}].apiKey`,
          line: 7,
          message: expect.stringMatching(/apiKey would send A_API_KEY to http:\/\/(bad|worse)\/v1\.$/),
        })),
      }),
    );
    const alone = { runtime: 'openai-compatible', baseUrl: 'http://bad/v1', model: 'm', apiKey };
    expect(() => read(chat(alone), explain)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'models.chat.versions["1.0.0"].apiKey' })] }),
    );
  });

  it('is taken with secrets that go where they may, and the operator’s own whatever it says', () => {
    const version = {
      runtime: 'openai-compatible',
      baseUrl: 'http://good/v1',
      model: 'm',
      apiKey: secret('A_API_KEY'),
    };
    expect(read(chat(version), explain)).toEqual(read(chat(version)));
    expect(read(chat({ ...version, baseUrl: 'http://bad/v1' })).models).toHaveLength(1);
  });
});
