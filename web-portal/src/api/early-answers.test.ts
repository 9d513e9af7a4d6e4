import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchOrTakeEarly } from './early-answers.ts';

const asked: string[] = [];
const textOf = async (path: string, method = 'GET'): Promise<string> =>
  (await fetchOrTakeEarly(`http://portal.example${path}`, { method })).text();

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('location', { origin: 'http://portal.example' });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response('late');
  });
});
afterEach(() => vi.unstubAllGlobals());

it('takes what was asked for beforehand, once', async () => {
  globalThis.earlyAnswers = new Map([['/api/a?window=1h', Promise.resolve(new Response('early'))]]);
  expect(await textOf('/api/a?window=24h')).toBe('late');
  expect(await textOf('/api/a?window=1h', 'DELETE')).toBe('late');
  expect(await textOf('/api/a?window=1h')).toBe('early');
  expect(await textOf('/api/a?window=1h')).toBe('late');
  expect(asked).toHaveLength(3);
});

it('tells of an early request that failed as of any other', async () => {
  globalThis.earlyAnswers = new Map([['/api/a', Promise.reject(new TypeError('no network'))]]);
  await expect(textOf('/api/a')).rejects.toThrow('no network');
});

it('asks where nothing was asked for beforehand', async () => {
  globalThis.earlyAnswers = undefined;
  expect(await textOf('/api/a')).toBe('late');
});
