import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { describe, expect, it } from 'vitest';
import { createNodeHash } from '../src/system/node-hash.ts';
import { createSystemClock } from '../src/system/system-clock.ts';
import { createSystemIds } from '../src/system/system-ids.ts';
import { testClock } from './contracts/clock.ts';
import { testHash } from './contracts/hash.ts';
import { testIds } from './contracts/ids.ts';

testClock('system', () => ({
  clock: createSystemClock(),
  pass: async (until) => {
    // The clock's own timers keep nothing alive.
    const keptAlive = setTimeout(() => undefined, 60_000);
    return until.finally(() => clearTimeout(keptAlive));
  },
}));

testClock('fake', () => {
  const clock = createFakeClock();
  return {
    clock,
    pass: async (until) => {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      until.then(settle, settle);
      while (!isSettled) await clock.advance(1);
      return until;
    },
  };
});

testIds('system', () => createSystemIds());

testHash('node', createNodeHash());

describe('system clock', () => {
  it('keeps no process alive by its timers', async () => {
    const module = new URL('../src/system/system-clock.ts', import.meta.url).href;
    const program = `
      const { createSystemClock } = await import(${JSON.stringify(module)});
      createSystemClock().schedule(3_600_000, () => {});
      console.log('scheduled');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    expect(stdout).toBe('scheduled\n');
  });
});
