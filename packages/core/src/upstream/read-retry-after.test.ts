import { expect, it } from 'vitest';
import { readRetryAfter } from './read-retry-after.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

it.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
  [{ 'retry-after': '7', 'retry-after-ms': '250' }, 250],
  [{ 'retry-after': '999999999' }, 86_400_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{}, undefined],
])('reads %j as %s ms', (headers, ms) => {
  expect(readRetryAfter(headers, now)).toBe(ms);
});
