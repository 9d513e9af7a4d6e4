import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { jensenShannon, populationStabilityIndex } from './divergence.ts';
import { addEvidence, evidenceOf, noEvidence } from './evidence.ts';

describe('the Jensen-Shannon divergence', () => {
  it('is 1 bit for what has nothing in common, and nothing for what is the same', () => {
    expect(jensenShannon({ a: 1e9 }, { b: 1e9 })).toBeCloseTo(1, 6);
    expect(jensenShannon({ a: 70, b: 30 }, { a: 7_000, b: 3_000 })).toBe(0);
    expect(jensenShannon({}, { a: 3 })).toBe(0);
  });

  it('is what the definition says', () => {
    // 0.5·[0.9·log2(0.9/0.7) + 0.1·log2(0.1/0.3)] + 0.5·[0.5·log2(0.5/0.7) + 0.5·log2(0.5/0.3)]
    expect(jensenShannon({ a: 9e9, b: 1e9 }, { a: 5e9, b: 5e9 })).toBeCloseTo(0.1468, 4);
  });

  it('does not grow with the chance of small samples', () => {
    const random = seededRandom(3);
    const draw = (requests: number) => {
      const counts: Record<string, number> = {};
      for (let drawn = 0; drawn < requests; drawn += 1) {
        const bin = `b${Math.floor(random() * 12)}`;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return counts;
    };
    const reference = draw(20_000);
    const small = Array.from({ length: 300 }, () => jensenShannon(draw(200), reference));
    expect(small.reduce((sum, one) => sum + one, 0) / small.length).toBeLessThan(0.004);
  });
});

describe('the population stability index', () => {
  it('is what the definition says', () => {
    // (0.5 − 0.9)·ln(0.5/0.9) + (0.5 − 0.1)·ln(0.5/0.1)
    expect(populationStabilityIndex({ a: 9e9, b: 1e9 }, { a: 5e9, b: 5e9 })).toBeCloseTo(0.87889, 4);
  });

  it('is finite where a bin was never seen before', () => {
    expect(populationStabilityIndex({ a: 100 }, { b: 100 })).toBeLessThan(12);
  });
});

describe('evidence', () => {
  it('reaches 20 in less than 5 % of all lives on the boundary of what is tolerated', () => {
    const random = seededRandom(11);
    let reached = 0;
    for (let life = 0; life < 2_000; life += 1) {
      let evidence = noEvidence;
      for (let day = 0; day < 400; day += 1) {
        // Rare and large: the mean is 0.02, and small samples of it mislead the most.
        evidence = addEvidence(evidence, random() < 0.1 ? 0.2 : 0, 0.02);
        if (evidenceOf(evidence) < 20) continue;
        reached += 1;
        break;
      }
    }
    expect(reached / 2_000).toBeLessThan(0.05);
    expect(reached).toBeGreaterThan(0);
  });

  it('grows fast after a long time without any', () => {
    let evidence = noEvidence;
    for (let day = 0; day < 1_000; day += 1) evidence = addEvidence(evidence, 0, 0.02);
    let days = 0;
    while (evidenceOf(evidence) < 800) {
      evidence = addEvidence(evidence, 0.3, 0.02);
      days += 1;
    }
    expect(days).toBeLessThanOrEqual(10);
  });
});
