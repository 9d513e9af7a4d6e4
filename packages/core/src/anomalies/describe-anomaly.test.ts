import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../ports/anomaly-repository.ts';
import { anomalyFactor, describeAnomaly } from './describe-anomaly.ts';

const anomaly = (rest: Partial<Anomaly>): Anomaly => ({
  id: 'an_1',
  kind: 'key',
  subject: 'key-1',
  label: 'sk-ab12',
  measure: 'requests',
  direction: 'above',
  value: 1_230,
  usual: 30,
  isPeak: false,
  since: 0,
  ...rest,
});
const model = { kind: 'model', subject: 'chat', label: 'chat' } as const;

describe('an anomaly in words', () => {
  it.each([
    [{}, 'key sk-ab12 made 41× its usual requests: 1,230 in 5 minutes, usually 30'],
    [{ usual: 0 }, 'key sk-ab12 made far more than its usual requests: 1,230 in 5 minutes, usually 0'],
    [
      { isPeak: true, usual: 100, value: 1_234_567 },
      'key sk-ab12 made far more than its highest number of requests: 1,234,567 in 5 minutes, before at most 100',
    ],
    [
      { ...model, direction: 'below', value: 8, usual: 400 } as const,
      'model chat got 0.02× its usual requests: 8 in 5 minutes, usually 400',
    ],
    [
      { ...model, measure: 'errors', value: 0.25, usual: 0.0123 } as const,
      'model chat had 20× its usual errors: 25 % of requests failed, usually 1.2 %',
    ],
    [
      { measure: 'tokens', value: 4_100, usual: 450 } as const,
      'key sk-ab12 used 9.1× its usual tokens a request: 4,100 tokens a request, usually 450',
    ],
    [
      { ...model, measure: 'latency', value: 3_210.4, usual: 300 } as const,
      'model chat took 11× its usual time for an answer: 3,210 ms in the middle of all answers, usually 300 ms',
    ],
  ])('%j', (rest, words) => {
    expect(describeAnomaly(anomaly(rest))).toBe(words);
  });

  it('has a factor where something is usual', () => {
    expect(anomalyFactor({ value: 60, usual: 30 })).toBe(2);
    expect(anomalyFactor({ value: 60, usual: 0 })).toBeUndefined();
  });
});
