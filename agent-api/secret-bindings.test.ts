import { describe, expect, it } from 'vitest';
import { createSecretGuard, readSecretBindings, toBoundAddress } from './secret-bindings.ts';

const guard = (text: string, values: Readonly<Record<string, string>> = { UP_API_KEY: 'hunter2' }) =>
  createSecretGuard({
    lookUp: (name) => values[name],
    bindings: () => readSecretBindings(text),
    explainRemedy: (entry) => `Add ${entry}.`,
  });

const refusal = {
  kind: 'invalid_request',
  code: 'secret_not_bound',
  message: expect.stringMatching(
    /^\$\{UP_API_KEY\} is not bound to the address of this version, and is not sent there/,
  ),
};

describe('a secret that is bound to an origin', () => {
  const { lookUp, explainUse } = guard('UP_API_KEY=https://api.example.com');

  it.each([
    'https://api.example.com/v1',
    'https://api.example.com',
    'https://api.example.com:443/other/v1',
    'HTTPS://API.example.com/v1',
  ])('goes to %s', (baseUrl) => expect(lookUp('UP_API_KEY', baseUrl)).toBe('hunter2'));

  it.each([
    ['http://api.example.com/v1', 'http://api.example.com'],
    ['http://api.example.com:443/v1', 'http://api.example.com:443'],
    ['https://api.example.com:8443/v1', 'https://api.example.com:8443'],
    ['https://api.example.com.evil.example/v1', 'https://api.example.com.evil.example'],
    ['https://api.example.com./v1', 'https://api.example.com.'],
    ['https://evil.example/api.example.com/v1', 'https://evil.example'],
    ['https://example.com/v1', 'https://example.com'],
    ['https://xn--pi-7ia.example.com/v1', 'https://xn--pi-7ia.example.com'],
  ])('does not go to %s, and says so without the address to whoever asks for the version', (baseUrl, address) => {
    expect(() => lookUp('UP_API_KEY', baseUrl)).toThrow(expect.objectContaining(refusal));
    expect(() => lookUp('UP_API_KEY', baseUrl)).not.toThrow(address);
    expect(explainUse({ name: 'UP_API_KEY', baseUrl, runtime: 'openai-compatible', path: [] })).toBe(
      `would send \${UP_API_KEY} to ${address}, and this secret is not bound to it. Add UP_API_KEY=${address}.`,
    );
  });

  it('is refused elsewhere in the same words when it is not set', () => {
    const unset = guard('UP_API_KEY=https://api.example.com', {});
    expect(unset.lookUp('UP_API_KEY', 'https://api.example.com/v1')).toBeUndefined();
    for (const baseUrl of ['https://evil.example/v1', 'no address']) {
      expect(() => unset.lookUp('UP_API_KEY', baseUrl)).toThrow(expect.objectContaining(refusal));
    }
  });

  it('says nothing for another secret', () => {
    expect(() => lookUp('OTHER_API_KEY', 'https://api.example.com/v1')).toThrow(`\${OTHER_API_KEY} is not bound`);
  });
});

describe('a secret that is bound to a path', () => {
  const account = 'https://gateway.ai.cloudflare.com/v1/mine/main';
  const { lookUp } = guard(`UP_API_KEY=${account}/`);

  it.each([account, `${account}/openai`, `${account}/openai/../anthropic`])('goes to %s', (baseUrl) =>
    expect(lookUp('UP_API_KEY', baseUrl)).toBe('hunter2'),
  );

  it.each([
    'https://gateway.ai.cloudflare.com/v1/evil/main/openai',
    `${account}-of-another`,
    `${account}/../../evil/main`,
    `${account}/%2e%2e/%2e%2e/evil/main`,
    `${account}/..%2f..%2fevil/main`,
    'https://gateway.ai.cloudflare.com/V1/mine/main',
  ])('does not go to %s', (baseUrl) => expect(() => lookUp('UP_API_KEY', baseUrl)).toThrow('not bound'));
});

describe('what a use of a secret binds it to', () => {
  it.each([
    ['https://api.example.com/v1', 'https://api.example.com'],
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
    // All accounts share the origin, which hands keys on to wherever an account says.
    ['https://gateway.ai.cloudflare.com/v1/mine/main/openai', 'https://gateway.ai.cloudflare.com/v1/mine/main'],
    ['ftp://example.com', undefined],
  ])('%s: %s', (baseUrl, address) => expect(toBoundAddress(baseUrl)).toBe(address));
});

describe('the host’s own account at Cloudflare', () => {
  it('goes there without a word, and elsewhere only where it is bound', () => {
    const { requireBound } = guard('CLOUDFLARE_API_TOKEN=http://127.0.0.1:8799');
    requireBound('CLOUDFLARE_API_TOKEN', 'https://api.cloudflare.com/client/v4');
    requireBound('CLOUDFLARE_API_TOKEN', 'http://127.0.0.1:8799/client/v4');
    for (const [name, baseUrl] of [
      ['CLOUDFLARE_ACCOUNT_ID', 'http://127.0.0.1:8799/client/v4'],
      ['CLOUDFLARE_API_TOKEN', 'http://127.0.0.1:8800/client/v4'],
      ['CLOUDFLARE_API_TOKEN', 'http://api.cloudflare.com/client/v4'],
    ] as const) {
      expect(() => requireBound(name, baseUrl)).toThrow('not bound');
    }
  });
});

describe('SCARMONIT_SECRET_ORIGINS', () => {
  it('is a list, in which a name may stand several times', () => {
    const text = ' A_API_KEY=https://a.example.com,B_API_KEY=http://b:1/v1/\n A_API_KEY=https://c.example.com ';
    expect(readSecretBindings(text)).toEqual(
      new Map([
        ['A_API_KEY', ['https://a.example.com', 'https://c.example.com']],
        ['B_API_KEY', ['http://b:1/v1']],
      ]),
    );
    expect(readSecretBindings('')).toEqual(new Map());
  });

  it.each([
    'A_API_KEY=*',
    'A_API_KEY=https://*.example.com',
    'A_API_KEY=https://user@example.com',
    'A_API_KEY=https://example.com/?q=1',
    'A_API_KEY=https://example.com/#a',
    'A_API_KEY=example.com',
    'A_API_KEY=file:///etc/passwd',
    'A_API_KEY=sk-this-is-the-key-itself',
  ])('refuses %s and does not repeat it', (entry) => {
    expect(() => readSecretBindings(entry)).toThrow(
      /^Entry 1 of SCARMONIT_SECRET_ORIGINS, for A_API_KEY, must have an http or https address/,
    );
    expect(() => readSecretBindings(entry)).not.toThrow('sk-this');
  });

  it.each([
    'A_API_KEY',
    'HF_TOKEN=https://a.example.com',
    'SCARMONIT_ADMIN_KEY=https://a.example.com',
    '=x',
    'sk-only',
  ])('refuses %s, which names no secret of an upstream', (entry) => {
    expect(() => readSecretBindings(`B_API_KEY=http://b ${entry}`)).toThrow(/^Entry 2 .* must be NAME=ADDRESS/);
  });
});
