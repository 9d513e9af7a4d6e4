import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

describe('reading the settings', () => {
  it('has defaults that serve on loopback', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8787, logLevel: 'info', corsOrigins: [] });
    expect(readConfig({}).retentionDays).toBe(30);
  });

  it('names the variable and its range when a value cannot be used', () => {
    expect(() => readConfig({ PORT: 'http' })).toThrow('PORT must be a whole number from 0 to 65535');
    expect(() => readConfig({ SCARMONIT_PROCESSES: 'many' })).toThrow(
      'SCARMONIT_PROCESSES must be a whole number from 0 to 256',
    );
    expect(() => readConfig({ LOG_LEVEL: 'loud' })).toThrow(/LOG_LEVEL must be one of/);
  });

  it('hands engines what they need to run, and no secret', () => {
    const secrets = {
      SCARMONIT_ADMIN_KEY: 'x',
      HF_TOKEN: 'x',
      NVIDIA_API_KEY: 'x',
      NODE_AUTH_TOKEN: 'x',
      LLAMA_API_KEY: 'x',
      GGML_SECRET: 'x',
    };
    const needed = { PATH: '/bin', LD_LIBRARY_PATH: '/lib', CUDA_VISIBLE_DEVICES: '0', NODE_COMPILE_CACHE: '/tmp/c' };
    expect(readConfig({ ...secrets, ...needed }).engineEnvironment).toEqual(needed);
  });
});

describe('secrets that a manifest refers to', () => {
  it.each(['OPENAI_API_KEY', 'VLLM_2_API_KEY', 'SCARMONIT_SECRET_GPU_1'])('are read from %s', (name) => {
    expect(readConfig({ [name]: 'hunter2' }).lookUpSecret(name)).toBe('hunter2');
    expect(readConfig({ [name]: '' }).lookUpSecret(name)).toBeUndefined();
    expect(readConfig({}).lookUpSecret(name)).toBeUndefined();
  });

  it.each([
    'SCARMONIT_ADMIN_KEY',
    'SCARMONIT_API_KEY',
    'SCARMONIT_SECRET_',
    'HF_TOKEN',
    'NODE_AUTH_TOKEN',
    'NPM_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'PATH',
    // Names are the same in any case on Windows.
    'scarmonit_API_KEY',
    'OPENAI_API_KEY_OLD',
    'OPENAI_API_KEY\nHF_TOKEN',
    '_API_KEY',
  ])('are never read from %j, and the error says the rule whether it is set or not', (name) => {
    for (const env of [{ [name]: 'hunter2' }, {}]) {
      const { lookUpSecret } = readConfig(env);
      expect(() => lookUpSecret(name)).toThrow(
        expect.objectContaining({
          kind: 'invalid_request',
          code: 'secret_not_allowed',
          message: expect.stringMatching(/_API_KEY or to begin with SCARMONIT_SECRET_/),
        }),
      );
      expect(() => lookUpSecret(name)).not.toThrow(/hunter2/);
    }
  });

  it('are not read from the list of where they may go, which is refused when it is wrong', () => {
    const SCARMONIT_SECRET_ORIGINS = 'OPENAI_API_KEY=https://api.openai.com';
    const { lookUpSecret, secretBindings } = readConfig({ SCARMONIT_SECRET_ORIGINS });
    expect(() => lookUpSecret('SCARMONIT_SECRET_ORIGINS')).toThrow('A manifest may not use');
    expect(secretBindings).toEqual(new Map([['OPENAI_API_KEY', ['https://api.openai.com']]]));
    expect(() => readConfig({ SCARMONIT_SECRET_ORIGINS: 'OPENAI_API_KEY=*' })).toThrow(ConfigError);
  });

  it('may have every name that the guide gives them', async () => {
    const guide = await readFile(new URL('../../docs/guides/use-an-upstream.md', import.meta.url), 'utf8');
    const names = [...guide.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(0);
    const { lookUpSecret } = readConfig({});
    for (const name of names) expect(lookUpSecret(name)).toBeUndefined();
  });
});
