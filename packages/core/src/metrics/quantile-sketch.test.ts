import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantileSketch, relativeError } from './quantile-sketch.ts';

const latencies = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

/** By the definition. */
function nearestRank(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

describe('a quantile sketch', () => {
  it('tells every quantile within its error', () => {
    fc.assert(
      fc.property(latencies, shares, (values, q) => {
        const exact = nearestRank(values, q);
        const told = sketchOf(values).quantile(q) ?? Number.NaN;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * relativeError + 1e-6);
      }),
    );
  });

  it('merges into what one sketch of all values says', () => {
    fc.assert(
      fc.property(latencies, latencies, (some, others) => {
        const merged = sketchOf(some);
        merged.merge(sketchOf(others));
        const all = sketchOf([...some, ...others]);
        expect(merged.count).toBe(all.count);
        expect(merged.sum).toBeCloseTo(all.sum, 3);
        for (const q of [0, 0.01, 0.5, 0.95, 1]) expect(merged.quantile(q)).toBe(all.quantile(q));
      }),
    );
  });

  it('is the same after it was text', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const sketch = sketchOf(values);
        const text = sketch.toText();
        const read = QuantileSketch.fromText(text);
        expect(read.toText()).toBe(text);
        expect([read.count, read.sum]).toEqual([sketch.count, sketch.sum]);
        expect(read.quantile(0.95)).toBe(sketch.quantile(0.95));
      }),
    );
  });

  it('counts what is above a limit, but for what is within its error of it', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0.001, max: 1e7, noNaN: true }), (values, limit) => {
        const above = sketchOf(values).countAbove(limit);
        const slack = 1 + 2.1 * relativeError;
        expect(above).toBeLessThanOrEqual(values.filter((value) => value > limit).length);
        expect(above).toBeGreaterThanOrEqual(values.filter((value) => value > limit * slack).length);
      }),
    );
  });

  it('knows nothing before the first value', () => {
    expect(new QuantileSketch().quantile(0.5)).toBeUndefined();
    expect(QuantileSketch.fromText(new QuantileSketch().toText()).count).toBe(0);
  });

  it('leaves out what is not a number, or below zero', () => {
    expect(sketchOf([Number.NaN, -1]).count).toBe(0);
  });

  it('writes few characters for values that lie together', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 100 + index / 10);
    expect(sketchOf(values).toText().length).toBeLessThan(150);
  });

  it.each(['', 'x', '1;2', '1;x;', '1;0;%', 'NaN;0;'])('refuses %j', (text) => {
    expect(() => QuantileSketch.fromText(text)).toThrow('This is no sketch.');
  });
});
