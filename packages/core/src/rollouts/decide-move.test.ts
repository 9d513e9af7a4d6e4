import { describe, expect, it } from 'vitest';
import { seen, viewRollout } from '../../test/rollout-records.ts';
import { noFacts } from '../gates/facts.ts';
import { decideMove, resume } from './decide-move.ts';

type Changes = NonNullable<Parameters<typeof viewRollout>[0]>;

const healthy = seen({ arm: 'stable', exposed: 5_000, events: 15 }, { arm: 'candidate', exposed: 5_000, events: 15 });
/** Above the goal, but so evenly that no comparison has an opinion. */
const bothFailing = seen({ arm: 'stable', exposed: 600, events: 60 }, { arm: 'candidate', exposed: 600, events: 60 });
const candidateFailing = seen(
  { arm: 'stable', exposed: 600, events: 0 },
  { arm: 'candidate', exposed: 600, events: 60 },
);
/** The goal is missed at a weight of 1, where nothing can be compared. */
const goalMissed = seen({ arm: 'candidate', exposed: 600, events: 60, weight: 1 });
const past = { now: 2 * 60 * 60_000 };
const frozenBy = { cause: 'shared-incident', gates: ['maxErrorRate/absolute'] } as const;
const frozen = { phase: 'frozen', resumesIn: 'canary', frozenBy } as const;
const frozenInBake = { ...frozen, resumesIn: 'bake' } as const;
const wellAtFullWeight = seen({ arm: 'candidate', exposed: 5_000, events: 15, weight: 1 });
const allToCandidate = { ...viewRollout().traffic, weight: 1 };
const shadowed = { settings: { shadow: { percent: 10, pairs: 100 } } };
/** Half of the requests may fail, so that no gate has an opinion. */
const lenient = { ...shadowed, goals: { maxErrorRate: 0.5 } };
const copies = (exposed: number, events: number) => seen({ arm: 'candidate', weight: 0, exposed, events });
const sharedOutage = seen(
  { arm: 'stable', weight: 0, exposed: 2_000, events: 160 },
  { arm: 'candidate', weight: 0, exposed: 200, events: 16 },
);
const sticky = { settings: { sticky: 'key' as const } };
const withLabels = { goals: { maxErrorRate: 0.01, minAccuracy: 0.9 } };
const promoted = { state: { phase: 'active', provisional: true } as const };
const labelled = (worse: number, better: number, same: number) => ({ ...healthy, pairs: { worse, better, same } });

const cases: readonly (readonly [what: string, changes: Changes, expected: string])[] = [
  ['draft, not loaded', { state: { phase: 'draft' }, view: { candidate: { state: 'loading' } } }, 'waits'],
  ['draft, loaded but without an answer', { state: { phase: 'draft' }, view: { probed: false } }, 'waits'],
  ['draft, loaded and answering', { state: { phase: 'draft', step: 0 } }, 'validated 0'],
  ['draft, never loaded', { state: { phase: 'draft' }, view: { ...past, probed: false } }, 'held 1'],
  ['validated', { state: { phase: 'validated', step: 0 } }, 'canary 0 weight 0.1 shadow 0'],
  ['validated, paused', { state: { phase: 'validated', paused: true } }, 'waits'],
  ['validated, with a shadow', { ...shadowed, state: { phase: 'validated', step: 0 } }, 'shadow 0 weight 0 shadow 0.1'],
  [
    'validated, blue-green',
    { settings: { strategy: 'blue-green' }, state: { phase: 'validated' } },
    'bake 0 weight 1 shadow 0',
  ],
  ['shadow, too few pairs', { ...shadowed, state: { phase: 'shadow', step: 0 }, view: { shadowPairs: 99 } }, 'waits'],
  [
    'shadow, enough pairs',
    { ...shadowed, state: { phase: 'shadow', step: 0 }, view: { shadowPairs: 100 } },
    'canary 0 weight 0.1 shadow 0',
  ],
  [
    'shadow, as many copies failed as were answered',
    { ...lenient, state: { phase: 'shadow' }, view: { shadowPairs: 20, facts: copies(40, 20) } },
    'waits',
  ],
  [
    'shadow, few copies, all failed',
    { ...lenient, state: { phase: 'shadow' }, view: { facts: copies(19, 19) } },
    'waits',
  ],
  [
    'shadow, paused, most copies failed',
    { ...lenient, state: { phase: 'shadow', paused: true }, view: { shadowPairs: 19, facts: copies(39, 20) } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'shadow, most copies failed before an incident that has passed',
    { ...lenient, state: { phase: 'shadow', evidenceFrom: 4 }, view: { facts: copies(20, 20) } },
    'waits',
  ],
  [
    'shadow, 8 % of the copies failed where the goal allows 1 %',
    { ...shadowed, state: { phase: 'shadow' }, view: { facts: copies(200, 16), shadowPairs: 184 } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'shadow, sticky, copies of one busy key failed',
    {
      settings: { ...shadowed.settings, ...sticky.settings },
      state: { phase: 'shadow' },
      view: { facts: copies(200, 16) },
    },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'shadow, copies failed while stable misses the goal, too',
    { ...shadowed, state: { phase: 'shadow' }, view: { facts: sharedOutage, shadowPairs: 184 } },
    'frozen 1 weight 0.5 shadow 0',
  ],
  [
    'shadow, as many failed copies as the goal allows requests',
    { ...shadowed, state: { phase: 'shadow', step: 0 }, view: { facts: copies(1_000, 10), shadowPairs: 990 } },
    'canary 0 weight 0.1 shadow 0',
  ],
  ['canary, after a shadow that a person has ended', { ...lenient, view: { facts: copies(20, 20) } }, 'waits'],
  ['shadow, paused', { ...shadowed, state: { phase: 'shadow', paused: true }, view: { shadowPairs: 100 } }, 'waits'],
  ['shadow, no pairs until the deadline', { ...shadowed, state: { phase: 'shadow' }, view: past }, 'held 1'],
  [
    'shadow, less accurate',
    { ...shadowed, ...withLabels, state: { phase: 'shadow' }, view: { facts: labelled(60, 0, 40) } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  ['canary, no traffic', {}, 'waits'],
  ['canary, no traffic until the deadline', { view: past }, 'held 1'],
  ['canary, enough seen', { view: { facts: healthy } }, 'bake 1 weight 1 shadow 0'],
  [
    'canary, enough seen at the first step',
    { state: { step: 0 }, view: { facts: healthy } },
    'canary 1 weight 0.5 shadow 0',
  ],
  ['canary, baking not long enough', { state: { since: 59 * 60_000 }, view: { facts: healthy } }, 'waits'],
  ['canary, paused', { state: { paused: true }, view: { facts: healthy } }, 'waits'],
  [
    'canary, paused and failing',
    { state: { paused: true }, view: { facts: candidateFailing } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  ['canary, two crashes', { view: { facts: { ...noFacts, crashes: 2 } } }, 'waits'],
  ['canary, three crashes', { view: { facts: { ...noFacts, crashes: 3 } } }, 'rolled-back 1 weight 0 shadow 0'],
  ['canary, worse than stable', { view: { facts: candidateFailing } }, 'rolled-back 1 weight 0 shadow 0'],
  ['canary, both miss the goal', { view: { facts: bothFailing } }, 'frozen 1 weight 0.5 shadow 0'],
  [
    'bake, the goal is missed',
    { state: { phase: 'bake' }, view: { facts: goalMissed } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'bake, sticky, the goal is missed',
    { ...sticky, state: { phase: 'bake' }, view: { facts: goalMissed } },
    'frozen 1 weight 0.5 shadow 0',
  ],
  ['bake, all is well', { state: { phase: 'bake' }, view: { facts: healthy } }, 'active 1 weight 0 shadow 0'],
  [
    'bake, proven before and sunk since',
    { settings: { promotion: 'prove' }, state: { phase: 'bake' }, view: { facts: healthy } },
    'active 1 weight 0 shadow 0',
  ],
  [
    'bake, where a person led it without a proof',
    { settings: { promotion: 'prove' }, state: { phase: 'bake', decidedBy: 'sk-1' }, view: { facts: healthy } },
    'waits',
  ],
  [
    'bake, labels are still to come',
    { ...withLabels, state: { phase: 'bake' }, view: { facts: healthy } },
    'active 1 weight 0 shadow 0 provisional',
  ],
  [
    'bake, blue-green, still kept warm',
    { settings: { strategy: 'blue-green' }, state: { phase: 'bake', since: 1 } },
    'waits',
  ],
  [
    'bake, blue-green, kept long enough',
    { settings: { strategy: 'blue-green' }, state: { phase: 'bake', since: 0 } },
    'active 1 weight 0 shadow 0',
  ],
  ['frozen, stable not seen yet', { state: frozen }, 'waits'],
  ['frozen, stable well again', { state: frozen, view: { facts: healthy } }, 'canary 1 weight 0.5 shadow 0 fresh'],
  ['frozen, less than a minute', { state: { ...frozen, since: 59.5 * 60_000 }, view: { facts: healthy } }, 'waits'],
  ['frozen in the bake, nothing seen yet', { state: frozenInBake, view: { traffic: allToCandidate } }, 'waits'],
  [
    'frozen in the bake, all well again',
    { state: frozenInBake, view: { traffic: allToCandidate, facts: wellAtFullWeight } },
    'bake 1 weight 1 shadow 0 fresh',
  ],
  [
    'frozen in the bake, the goal still missed',
    { state: frozenInBake, view: { traffic: allToCandidate, facts: goalMissed } },
    'frozen 1 weight 1 shadow 0',
  ],
  ['frozen, stable still missing', { state: frozen, view: { facts: bothFailing } }, 'frozen 1 weight 0.5 shadow 0'],
  ['frozen, stable still missing at the deadline', { state: frozen, view: { ...past, facts: bothFailing } }, 'held 1'],
  [
    'frozen, worse than stable after all',
    { state: frozen, view: { facts: candidateFailing } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'frozen by heavy keys, evidence sunk again',
    { ...sticky, state: { ...frozen, frozenBy: { ...frozenBy, cause: 'sticky-keys' } }, view: { facts: healthy } },
    'waits',
  ],
  [
    'frozen by heavy keys, at the deadline',
    {
      ...sticky,
      state: { ...frozen, frozenBy: { ...frozenBy, cause: 'sticky-keys' } },
      view: { ...past, facts: healthy },
    },
    'held 1',
  ],
  ['held, all is well', { state: { phase: 'held', resumesIn: 'canary' }, view: { ...past, facts: healthy } }, 'waits'],
  [
    'held, worse than stable',
    { state: { phase: 'held', resumesIn: 'canary' }, view: { ...past, facts: candidateFailing } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  ['held, given more time', { state: { deadlineAt: 9e9 }, view: past }, 'waits'],
  ['active', { state: { phase: 'active' }, view: { facts: candidateFailing } }, 'waits'],
  ['active provisionally, no labels', { ...withLabels, ...promoted, view: { facts: healthy } }, 'waits'],
  [
    'active provisionally, confirmed',
    { ...withLabels, ...promoted, view: { facts: labelled(5, 5, 2_000) } },
    'active 1',
  ],
  [
    'active provisionally, taken back',
    { ...withLabels, ...promoted, view: { facts: labelled(60, 0, 40) } },
    'rolled-back 1 weight 0 shadow 0',
  ],
  [
    'active provisionally, at the deadline',
    { ...withLabels, ...promoted, view: { ...past, facts: healthy } },
    'active 1',
  ],
  ['rolled back', { state: { phase: 'rolled-back' }, view: { facts: candidateFailing } }, 'waits'],
  ['aborted', { state: { phase: 'aborted' }, view: { facts: candidateFailing } }, 'waits'],
];

function describeMove(changes: Changes): string {
  const move = decideMove(viewRollout(changes));
  if (move === undefined) return 'waits';
  const { phase, step, traffic, freshEvidence, provisional } = move;
  return [
    phase,
    step,
    ...(traffic === undefined ? [] : ['weight', traffic.weight, 'shadow', traffic.shadow]),
    ...(freshEvidence === 'none' ? [] : ['fresh']),
    ...(provisional ? ['provisional'] : []),
  ].join(' ');
}

describe('decideMove', () => {
  it.each(cases)('%s', (_, changes, expected) => {
    expect(describeMove(changes)).toBe(expected);
  });

  it('remembers what froze a rollout and where it stood, also when it is held', () => {
    const first = decideMove(viewRollout({ view: { facts: bothFailing } }));
    expect(first).toMatchObject({ resumesIn: 'canary', frozenBy, decidedBy: 'gate' });
    expect(decideMove(viewRollout({ state: frozen, view: past }))).toMatchObject({ resumesIn: 'canary', frozenBy });
  });

  it('ends a provisional promotion that other traffic has followed', () => {
    const view = viewRollout({ ...withLabels, ...promoted, view: { facts: labelled(60, 0, 40) } });
    const move = decideMove({ ...view, traffic: { ...view.traffic, rolloutId: 'r2' } });
    expect(move).toMatchObject({ phase: 'active', provisional: false });
    expect(move?.traffic).toBeUndefined();
  });
});

describe('resume', () => {
  it('goes on where it was, with a new deadline once the first has passed', () => {
    const held = viewRollout({ state: { phase: 'held', resumesIn: 'draft' }, view: past });
    expect(resume(held, 'sk-1', 'more time')).toMatchObject({
      phase: 'draft',
      deadlineAt: 4 * 60 * 60_000,
      freshEvidence: 'none',
    });
    const early = viewRollout({ state: frozen });
    expect(resume(early, 'sk-1', 'go on')).toMatchObject({
      phase: 'canary',
      freshEvidence: 'absolute',
      decidedBy: 'sk-1',
    });
    expect(resume(early, 'sk-1', 'go on')).not.toHaveProperty('deadlineAt');
  });
});
