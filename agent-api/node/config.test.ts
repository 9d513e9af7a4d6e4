import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('reading the settings', () => {
  it('has defaults that serve on loopback', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8787, logLevel: 'info', corsOrigins: [] });
  });

  it('names the variable and its range when a value cannot be used', () => {
    expect(() => readConfig({ PORT: 'http' })).toThrow('PORT must be a whole number from 0 to 65535');
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
