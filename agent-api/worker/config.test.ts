import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import type { Env } from './env.ts';

const secrets = { API_KEY: 'sk-scarmonit-0123456789', ENCRYPTION_KEY: '0123456789abcdef' };
const read = (vars: Readonly<Record<string, string>>) => readConfig(vars as unknown as Env);

describe('the configuration of the worker', () => {
  it('has defaults for all but its secrets', () => {
    expect(read(secrets)).toMatchObject({
      adminKey: 'sk-scarmonit-0123456789',
      maxBodyBytes: 10_485_760,
      corsOrigins: [],
      retentionDays: 30,
      migrateAtStart: false,
    });
  });

  it('names a secret that is missing or too short, and how to set it', () => {
    expect(() => read({ ENCRYPTION_KEY: secrets.ENCRYPTION_KEY })).toThrow(
      'The secret API_KEY, the first admin key, is not set. Set it: npx wrangler secret put API_KEY',
    );
    expect(() => read({ ...secrets, ENCRYPTION_KEY: 'short' })).toThrow('is shorter than 16 characters');
  });

  it('refuses numbers that are none', () => {
    expect(() => read({ ...secrets, RETENTION_DAYS: 'many' })).toThrow(
      "The variable RETENTION_DAYS must be a whole number above 0, not 'many'.",
    );
  });

  it('takes a webhook with its secret, and no address that it must not call', () => {
    const webhook = {
      SCARMONIT_WEBHOOK_URL: 'https://hooks.example.com/a',
      SCARMONIT_WEBHOOK_SECRET: '0123456789abcdef0123456789abcdef',
    };
    expect(read(secrets).webhook).toBeUndefined();
    expect(read({ ...secrets, ...webhook }).webhook).toEqual({
      url: webhook.SCARMONIT_WEBHOOK_URL,
      secret: webhook.SCARMONIT_WEBHOOK_SECRET,
      allowPrivate: false,
    });
    expect(() => read({ ...secrets, ...webhook, SCARMONIT_WEBHOOK_SECRET: '' })).toThrow(
      'the secret SCARMONIT_WEBHOOK_SECRET is not. Set it: npx wrangler secret put SCARMONIT_WEBHOOK_SECRET',
    );
    expect(() => read({ ...secrets, ...webhook, SCARMONIT_WEBHOOK_URL: 'http://127.0.0.1:9/a' })).toThrow('webhook');
  });

  it('gives manifests the secrets of upstreams, and never its own', () => {
    const config = read({
      ...secrets,
      OPENAI_API_KEY: 'sk-up',
      CORS_ORIGINS: 'https://a.example.com, https://b.example.com',
      SCARMONIT_SECRET_ORIGINS: 'OPENAI_API_KEY=https://api.openai.com, OTHER_API_KEY=https://api.openai.com',
    });
    expect(config.corsOrigins).toEqual(['https://a.example.com', 'https://b.example.com']);
    const baseUrl = 'https://api.openai.com/v1';
    expect(config.secrets.lookUp('OPENAI_API_KEY', baseUrl)).toBe('sk-up');
    expect(config.secrets.lookUp('OTHER_API_KEY', baseUrl)).toBeUndefined();
    for (const name of ['API_KEY', 'ENCRYPTION_KEY', 'SCARMONIT_ADMIN_API_KEY']) {
      expect(() => config.secrets.lookUp(name, baseUrl)).toThrow('may not use');
    }
  });
});
