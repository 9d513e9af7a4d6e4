import { describe, expect, it } from 'vitest';
import { type SeenRequests, seen, viewRollout } from '../../test/rollout-records.ts';
import type { GoalFigures } from '../gates/compile-gates.ts';
import { noFacts } from '../gates/facts.ts';
import { decideMove } from './decide-move.ts';

type Changes = NonNullable<Parameters<typeof viewRollout>[0]>;
type Events = NonNullable<SeenRequests['event']>;

const both = (event: Events, stable: number, candidate: number, weight = 0.5) =>
  seen(
    { event, weight, arm: 'stable', exposed: 600, events: stable },
    { event, weight, arm: 'candidate', exposed: 600, events: candidate },
  );
const reasonOf = (changes: Changes): string | undefined => decideMove(viewRollout(changes))?.reason;
const failing = (goals: GoalFigures, event: Events, stable = 6) =>
  reasonOf({ goals, view: { facts: both(event, stable, 90) } });
const past = { now: 2 * 60 * 60_000 };

describe('the reason of a rollback', () => {
  it.each<[GoalFigures, Events, string]>([
    [{ maxErrorRate: 0.01 }, 'error', '1.1.0 fails more often than 1.0.0'],
    [{ maxLatencyMs: 500 }, 'over-latency', '1.1.0 fails or takes longer than 500 ms more often than 1.0.0'],
    [{ maxCostUsd: 0.002 }, 'over-cost', '1.1.0 costs more than 0.002 USD more often than 1.0.0'],
  ])('says how often the candidate did what the goal %o counts, and stable beside it', (goals, event, sentence) => {
    expect(failing(goals, event)).toBe(
      `${sentence}: 90 of 600 requests (15 %) against 6 of 600 (1 %); chance of a false alarm ≤ 1 %`,
    );
  });

  it('names what the goal of each kind of feedback counts', () => {
    expect(failing({ minSatisfaction: 0.98 }, 'unsatisfied')).toContain(
      '1.1.0 leaves users unsatisfied more often than 1.0.0: 90 of 600 requests with a rating (15 %)',
    );
    expect(failing({ minTaskCompletion: 0.98 }, 'task-not-completed')).toContain(
      '1.1.0 leaves tasks undone more often than 1.0.0: 90 of 600 requests of which it is known (15 %)',
    );
    expect(failing({ maxTimeToFirstTokenMs: 300 }, 'over-first-token')).toContain(
      '1.1.0 has no token within 300 ms more often than 1.0.0: 90 of 600 streams (15 %)',
    );
  });

  it('counts keys where keys are assigned', () => {
    const counted = both('error', 3, 60);
    const keys = { ...counted, exposures: counted.exposures.map((row) => ({ ...row, unit: 'key' as const })) };
    expect(reasonOf({ settings: { sticky: 'key' }, view: { facts: keys } })).toBe(
      '1.1.0 fails more often than 1.0.0: 60 of 600 keys (10 %) against 3 of 600 (0.5 %); chance of a false alarm ≤ 1 %',
    );
  });

  it('says who was wrong alone on the pairs that have labels', () => {
    const facts = { ...noFacts, pairs: { worse: 60, better: 4, same: 136 } };
    expect(reasonOf({ goals: { minAccuracy: 0.9 }, view: { facts } })).toBe(
      '1.1.0 is wrong more often than 1.0.0: of 200 labelled requests that both answered, 1.1.0 alone was wrong on 60, ' +
        'and 1.0.0 alone on 4; chance of a false alarm ≤ 1 %',
    );
  });

  it('tells copies from requests, which clients have seen', () => {
    const stable = { arm: 'stable', weight: 0, exposed: 2_000, events: 10 } as const;
    const copies = { arm: 'candidate', weight: 0, exposed: 200, events: 16 } as const;
    const shadow = { percent: 100, pairs: 1_000 };
    expect(reasonOf({ settings: { shadow }, state: { phase: 'shadow' }, view: { facts: seen(stable, copies) } })).toBe(
      '1.1.0 fails too often: 16 of 200 copies of requests that 1.0.0 had answered (8 %), where the goal allows 1 % and ' +
        '1.0.0 has 0.5 %; chance of a false alarm ≤ 1 %',
    );
    const few = { ...copies, events: 2 };
    const requests = { arm: 'candidate', weight: 1, exposed: 300, events: 30 } as const;
    expect(reasonOf({ settings: { shadow }, state: { phase: 'bake' }, view: { facts: seen(few, requests) } })).toBe(
      '1.1.0 fails too often: 30 of 300 requests (10 %) and 2 of 200 copies of requests that 1.0.0 had answered (1 %), ' +
        'where the goal allows 1 %; chance of a false alarm ≤ 1 %',
    );
  });

  it('says what the goal allows where nothing is compared', () => {
    const baking = { state: { phase: 'bake' } as const };
    expect(reasonOf({ ...baking, view: { facts: both('error', 6, 90, 1) } })).toBe(
      '1.1.0 fails too often: 90 of 600 requests (15 %), where the goal allows 1 % and 1.0.0 has 1 %; chance of a false alarm ≤ 1 %',
    );
    const alone = seen({ arm: 'candidate', exposed: 600, events: 60, weight: 1 });
    expect(reasonOf({ ...baking, view: { facts: alone }, settings: { falseRollbackBudget: 0.05 } })).toBe(
      '1.1.0 fails too often: 60 of 600 requests (10 %), where the goal allows 1 %; chance of a false alarm ≤ 5 %',
    );
  });

  it('counts what came since an incident passed, for a goal', () => {
    const before = seen({ arm: 'candidate', exposed: 600, events: 300, weight: 1, revision: 3 });
    const after = seen({ arm: 'candidate', exposed: 600, events: 60, weight: 1, revision: 5 });
    const facts = {
      ...noFacts,
      exposures: [...before.exposures, ...after.exposures],
      buckets: [...before.buckets, ...after.buckets],
    };
    const state = { phase: 'bake', evidenceFrom: 5 } as const;
    expect(reasonOf({ state, view: { facts } })).toContain('60 of 600 requests (10 %)');
  });

  it('says how often the engine crashed', () => {
    expect(reasonOf({ view: { facts: { ...noFacts, crashes: 4 } } })).toBe('the engine of 1.1.0 crashed 4 times');
  });
});

describe('the reason of a freeze', () => {
  it('shows both versions as they were in the last minutes, whatever they were before', () => {
    const facts = both('error', 60, 60);
    const recent = seen({ arm: 'stable', exposed: 100, events: 40 }, { arm: 'candidate', exposed: 50, events: 20 });
    expect(reasonOf({ view: { facts, recent } })).toBe(
      '1.1.0 and 1.0.0 both miss the goal, so this is no fault of 1.1.0: errors against the goal of 1 %, ' +
        'lately 20 of 50 requests (40 %) with 1.1.0 and 40 of 100 (40 %) with 1.0.0',
    );
  });

  it('says what a few busy keys may have caused', () => {
    const facts = both('error', 0, 60, 1);
    expect(reasonOf({ settings: { sticky: 'key' }, state: { phase: 'bake' }, view: { facts } })).toBe(
      '1.1.0 fails too often: 60 of 600 requests (10 %), where the goal allows 1 % and 1.0.0 has 0 %; ' +
        'with sticky assignment a few busy keys may be the cause, so a person decides',
    );
  });
});

describe('the reason of a rollout that is held', () => {
  it('names what each gate still needs', () => {
    expect(reasonOf({ view: past })).toBe(
      'the deadline has passed and more is needed: errors against the goal of 1 % (0 of 550 requests seen), ' +
        'errors against 1.0.0 (0 of 972 requests seen); give it more time (resume), promote it or roll it back',
    );
  });

  it('names what is not proven', () => {
    const facts = both('error', 0, 0);
    expect(reasonOf({ settings: { promotion: 'prove' }, view: { ...past, facts: { ...facts } } })).toContain(
      'errors no worse than with 1.0.0 (not proven)',
    );
  });
});

describe('the reason of a provisional promotion', () => {
  it('names what no label has confirmed yet', () => {
    const arms = ['stable', 'candidate'] as const;
    const facts = seen(...arms.map((arm) => ({ arm, exposed: 5_000, events: 15 })));
    const changes = { goals: { maxErrorRate: 0.01, minAccuracy: 0.9 }, state: { phase: 'bake' } as const };
    expect(reasonOf({ ...changes, view: { facts } })).toBe(
      '1.1.0 is stable, provisionally: no verdict yet on accuracy against 1.0.0 on the same requests',
    );
  });
});
