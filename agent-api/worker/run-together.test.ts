import { expect, it, vi } from 'vitest';
import { runTogether } from './run-together.ts';

it('lets every work end, logs each that fails, and throws the first failure', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const slow = Promise.withResolvers<void>();
  const running = runTogether({
    retention: Promise.reject(new Error('D1 is away')),
    alerts: Promise.reject(new Error('D1 is slow')),
    figures: slow.promise,
  });
  let hasEnded = false;
  const ended = running.catch((error: unknown) => {
    hasEnded = true;
    return error;
  });
  await new Promise(setImmediate);
  expect(hasEnded).toBe(false);
  slow.resolve();
  expect(await ended).toEqual(new Error('D1 is away'));
  expect(logged.mock.calls.map(([line]) => JSON.parse(String(line)).message)).toEqual([
    'scheduled work failed: retention',
    'scheduled work failed: alerts',
  ]);
  logged.mockRestore();
});
