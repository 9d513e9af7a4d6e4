import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber, formatShare, formatUsd } from './format-number.ts';
import { formatRelative } from './format-time.ts';

/** As it is read, with plain spaces. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1234.5, '1,230'],
    [0.012345, '0.0123'],
    [85, '85'],
  ])('%d has at most three significant digits', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('that count things are exact below a million', () => {
    expect([formatCount(1234), formatCount(999_999), formatCount(12_345_678)]).toEqual(['1,234', '999,999', '12.3M']);
  });

  it.each([
    [0, '0 %'],
    [0.001, '0.1 %'],
    [0.972, '97.2 %'],
    [0.9993, '99.9 %'],
    [0.99954, '99.95 %'],
    [0.9999999, '99.99 %'],
    [1, '100 %'],
  ])('the share %d reads %s, and all is said of all alone', (share, text) => {
    expect(plain(formatShare(share))).toBe(text);
  });

  it.each([
    [0.4, '0.4 ms'],
    [450, '450 ms'],
    [999.6, '1 s'],
    [1500, '1.5 s'],
    [59_990, '1 min'],
    [90_000, '1.5 min'],
    [5_400_000, '1.5 h'],
    [172_800_000, '2 d'],
  ])('%d ms reads %s', (ms, text) => {
    expect(plain(formatDuration(ms))).toBe(text);
  });

  it('of bytes and dollars keep what matters', () => {
    expect([512, 1_500, 999_600, 470_000_000].map((bytes) => plain(formatBytes(bytes)))).toEqual([
      '512 B',
      '1.5 kB',
      '1 MB',
      '470 MB',
    ]);
    expect([0, 0.0000225, 12.345].map(formatUsd)).toEqual(['$0', '$0.0000225', '$12.3']);
  });
});

describe('times', () => {
  const now = 1_790_000_000_000;
  it.each([
    [0, 'now'],
    [-999, 'now'],
    [-1000, '1 s ago'],
    [-59_999, '59 s ago'],
    [-60_000, '1 min ago'],
    [-7_200_000, '2 h ago'],
    [-3 * 86_400_000, '3 d ago'],
    [-100 * 86_400_000, '3 months ago'],
    [-800 * 86_400_000, '2 years ago'],
    [2 * 86_400_000, 'in 2 d'],
  ])('%d ms from now is %s', (difference, text) => {
    expect(plain(formatRelative(now + difference, now))).toBe(text);
  });
});
