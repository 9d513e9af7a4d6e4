import { expect, it, vi } from 'vitest';
import { createKeepAlive } from './keep-alive.ts';

it('keeps work alive, and logs what it fails with', async () => {
  const kept: Promise<unknown>[] = [];
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const keepAlive = createKeepAlive((work) => void kept.push(work));
  keepAlive(Promise.resolve('done'));
  keepAlive(Promise.reject(new Error('D1 is away', { cause: 'overloaded' })));
  expect(await Promise.all(kept)).toEqual(['done', undefined]);
  expect(logged.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
    {
      level: 'error',
      message: 'work after an answer failed',
      error: {
        name: 'Error',
        message: 'D1 is away',
        stack: expect.stringContaining('keep-alive.test.ts'),
        cause: { message: 'overloaded' },
      },
    },
  ]);
  logged.mockRestore();
});
