import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('the emulator’s command line', () => {
  it('has defaults', () => {
    expect(readConfig([], {})).toEqual({
      port: 8799,
      answersFrom: undefined,
      apiToken: undefined,
      mostTokens: undefined,
    });
  });

  it('names a server whose models answer, with the key from the environment', () => {
    const url = 'http://127.0.0.1:8787';
    const args = ['--port', '0', '--answers-from', url, '--max-tokens', '64'];
    expect(readConfig(args, { SCARMONIT_API_KEY: 'sk-1' })).toEqual({
      port: 0,
      answersFrom: { url, key: 'sk-1' },
      apiToken: undefined,
      mostTokens: 64,
    });
  });

  it.each([
    [['--port', 'x'], '--port must be 0 to 65535, not x.'],
    [['--answers-from', 'here'], '--answers-from must be an address such as http://127.0.0.1:8787, not here.'],
    [['--answers-from', 'http://a'], '--answers-from needs the key of the server in SCARMONIT_API_KEY.'],
    [['--max-tokens', 'many'], '--max-tokens must be a whole number above 0, not many.'],
    [['--prot', '1'], '--prot'],
  ])('explains %j', (args, message) => {
    expect(() => readConfig(args, {})).toThrow(message);
  });
});
