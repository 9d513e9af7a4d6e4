import { describe, expect, it } from 'vitest';
import { describeExit } from './describe-exit.ts';

describe('how an engine process ended', () => {
  it.each([
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', null, 'SIGABRT', 'SIGABRT'],
    ['RangeError: Array buffer allocation failed', 1, null, 'exit code 1'],
    ['RangeError: Failed to allocate memory', 1, null, 'exit code 1'],
    ["terminate called after throwing an instance of 'std::bad_alloc'", null, 'SIGABRT', 'SIGABRT'],
    ['Error: spawn ENOMEM: Cannot allocate memory', 134, null, 'exit code 134'],
  ] as const)('names memory when its last words did: %s', (line, code, signal, how) => {
    expect(describeExit(code, signal, ['loading', line, ' 1: 0x840e50'])).toBe(`ran out of memory (${how})`);
  });

  it('says what else it knows, and of SIGKILL what it often means', () => {
    expect(describeExit(null, 'SIGSEGV', ['loading'])).toBe('crashed (SIGSEGV)');
    expect(describeExit(3, null, [])).toBe('ended unexpectedly with exit code 3');
    expect(describeExit(0, null, ['the last request was out of memory'])).toBe('ended unexpectedly with exit code 0');
    expect(describeExit(null, 'SIGKILL', [])).toBe('was killed (SIGKILL; often: out of memory)');
  });
});
