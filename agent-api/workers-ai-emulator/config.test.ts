import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('the emulator’s command line', () => {
  it('has defaults', () => {
    expect(readConfig([], {})).toEqual({ port: 8799, answersFrom: undefined, apiToken: undefined });
  });

  it('names a server whose models answer, with the key from the environment', () => {
    const url = 'http://127.0.0.1:8787';
    expect(readConfig(['--port', '0', '--answers-from', url], { SCARMONIT_API_KEY: 'sk-1' })).toEqual({
      port: 0,
      answersFrom: { url, key: 'sk-1' },
      apiToken: undefined,
    });
  });

  it.each([
    [['--port', 'x'], '--port must be 0 to 65535, not x.'],
    [['--answers-from', 'here'], '--answers-from must be an address such as http://127.0.0.1:8787, not here.'],
    [['--answers-from', 'http://a'], '--answers-from needs the key of the server in SCARMONIT_API_KEY.'],
    [['--prot', '1'], '--prot'],
  ])('explains %j', (args, message) => {
    expect(() => readConfig(args, {})).toThrow(message);
  });
});
