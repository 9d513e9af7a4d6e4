import { describe, expect, it } from 'vitest';
import { seen, viewRollout } from '../../test/rollout-records.ts';
import { noFacts } from '../gates/facts.ts';
import { mergeFacts } from '../gates/merge-facts.ts';
import { decideMove, type Move, nextStage, resume } from './decide-move.ts';

type Changes = NonNullable<Parameters<typeof viewRollout>[0]>;

const decide = (changes: Changes): Move | undefined => decideMove(viewRollout(changes));
const phaseAfter = (changes: Changes): string => decide(changes)?.phase ?? 'waits';

const now = 60 * 60_000;
const past = { now: 2 * 60 * 60_000 };
const healthy = seen({ arm: 'stable', exposed: 5_000, events: 15 }, { arm: 'candidate', exposed: 5_000, events: 15 });
const stableAlone = seen({ arm: 'stable', exposed: 5_000, events: 15 });
const bothFailing = seen({ arm: 'stable', exposed: 600, events: 60 }, { arm: 'candidate', exposed: 600, events: 60 });
const goalMissed = seen({ arm: 'candidate', exposed: 600, events: 60, weight: 1 });
const allToCandidate = { ...viewRollout().traffic, weight: 1 };
const shadow = { percent: 10, pairs: 100 };
const lenientShadow = { settings: { shadow }, goals: { maxErrorRate: 0.5 } };
const copies = (exposed: number, events: number) => seen({ arm: 'candidate', weight: 0, exposed, events });
const frozenBy = { cause: 'shared-incident', gates: ['maxErrorRate/absolute'] } as const;
const frozen = { phase: 'frozen', resumesIn: 'canary', frozenBy } as const;
const labelled = { ...healthy, pairs: { worse: 5, better: 5, same: 2_000 } };
const provisional = { phase: 'active', provisional: true } as const;

describe('the traffic that a move sets', () => {
  const trafficAfter = (changes: Changes): Move['traffic'] => decide(changes)?.traffic;

  it('gives all to the new version when it is stable, and nobody is beside it', () => {
    const active = { stable: '1.1.0', weight: 0, shadow: 0 };
    expect(trafficAfter({ state: { phase: 'bake' }, view: { facts: healthy } })).toEqual(active);
  });

  it('gives the new version copies alone in the shadow', () => {
    const expected = { stable: '1.0.0', candidate: '1.1.0', weight: 0, shadow: 0.1 };
    expect(trafficAfter({ settings: { shadow }, state: { phase: 'validated' } })).toEqual(expected);
  });

  it('gives all to the old version after a roll-back, and nobody is beside it', () => {
    const back = { stable: '1.0.0', weight: 0, shadow: 0 };
    expect(trafficAfter({ state: { phase: 'bake' }, view: { facts: goalMissed } })).toEqual(back);
  });

  it('stays as it is when a person lets it go on, in a revision of its own', () => {
    const kept = { stable: '1.0.0', candidate: '1.1.0', weight: 0.5, shadow: 0 };
    expect(resume(viewRollout({ state: frozen }), 'sk-1', 'go on').traffic).toEqual(kept);
  });

  it('stays as it is in an incident, copies included', () => {
    const traffic = { ...viewRollout().traffic, weight: 0, shadow: 0.1 };
    const facts = seen(
      { arm: 'stable', weight: 0, exposed: 2_000, events: 160 },
      { arm: 'candidate', weight: 0, exposed: 200, events: 16 },
    );
    expect(trafficAfter({ settings: { shadow }, state: { phase: 'shadow' }, view: { facts, traffic } })).toEqual({
      stable: '1.0.0',
      candidate: '1.1.0',
      weight: 0,
      shadow: 0.1,
    });
  });

  it('is told with its share, to a hundredth of a percent', () => {
    const move = decide({ settings: { steps: [12.345, 50] }, state: { phase: 'validated' } });
    expect(move?.reason).toBe('1.1.0 gets 12.35 % of the requests: the candidate is loaded and answers');
  });
});

describe('who decided', () => {
  it('is the gate where one failed, and the controller where most copies did', () => {
    expect(decide({ state: { phase: 'bake' }, view: { facts: goalMissed } })?.decidedBy).toBe('gate');
    const mostCopies = { state: { phase: 'shadow' } as const, view: { facts: copies(20, 20) } };
    expect(decide({ ...lenientShadow, ...mostCopies })?.decidedBy).toBe('controller');
    // What a gate says can be calculated again.
    expect(
      decide({ settings: { shadow }, state: mostCopies.state, view: { facts: copies(200, 150) } })?.decidedBy,
    ).toBe('gate');
  });
});

describe('of several rules that apply', () => {
  it('a candidate that answers at last is validated, also at the deadline', () => {
    expect(phaseAfter({ state: { phase: 'draft' }, view: past })).toBe('validated');
  });

  it('failed copies come before enough pairs', () => {
    const view = { shadowPairs: 100, facts: copies(220, 120) };
    expect(phaseAfter({ ...lenientShadow, state: { phase: 'shadow' }, view })).toBe('rolled-back');
  });

  it('a shared incident comes before failed copies', () => {
    const facts = mergeFacts(
      copies(200, 150),
      seen({ arm: 'stable', weight: 0, exposed: 2_000, events: 1_500, revision: 3 }),
    );
    expect(phaseAfter({ settings: { shadow }, state: { phase: 'shadow' }, view: { facts } })).toBe('frozen');
  });

  it('crashes come before a step that is passed', () => {
    expect(phaseAfter({ view: { facts: { ...healthy, crashes: 3 } } })).toBe('rolled-back');
  });
});

describe('whether stable misses the goal, too', () => {
  const candidate = { arm: 'candidate', weight: 1, exposed: 600, events: 60 } as const;

  it('says nothing of the time before an incident that has passed', () => {
    const facts = seen({ arm: 'stable', revision: 3, exposed: 600, events: 60 }, { ...candidate, revision: 6 });
    const view = { facts, recent: noFacts };
    expect(phaseAfter({ state: { phase: 'bake', evidenceFrom: 5 }, view })).toBe('rolled-back');
    expect(phaseAfter({ state: { phase: 'bake', evidenceFrom: 3 }, view })).toBe('frozen');
  });

  it('shows in the last minutes, whatever a long good record says', () => {
    const facts = seen({ arm: 'stable', revision: 2, exposed: 20_000, events: 60 }, candidate);
    const recent = seen({ arm: 'stable', exposed: 100, events: 50 });
    expect(phaseAfter({ state: { phase: 'bake' }, view: { facts, recent } })).toBe('frozen');
    expect(phaseAfter({ state: { phase: 'bake' }, view: { facts, recent: noFacts } })).toBe('rolled-back');
  });

  it('is no question while a person decides', () => {
    expect(phaseAfter({ state: { phase: 'held', resumesIn: 'bake' }, view: { facts: goalMissed } })).toBe('waits');
  });
});

describe('a shared incident', () => {
  const since = (ms: number, minBakeMinutes = 10) =>
    phaseAfter({
      settings: { minBakeMinutes },
      state: { ...frozen, since: now - ms },
      view: { facts: stableAlone },
    });

  it('is over after a minute without it, and not before', () => {
    expect([since(59_999), since(60_000)]).toEqual(['waits', 'canary']);
  });

  it('is over after as long as a step where steps are shorter', () => {
    expect([since(29_999, 0.5), since(30_000, 0.5)]).toEqual(['waits', 'canary']);
  });

  it('is over when stable is well, or where it gets nothing the new version, and costs absolute gates alone', () => {
    const inCanary = decide({ state: frozen, view: { facts: stableAlone } });
    expect(inCanary).toMatchObject({
      freshEvidence: 'absolute',
      reason: '1.0.0 keeps its goals again; the rollout goes on where it was',
    });
    const wellAtFullWeight = seen({ arm: 'candidate', exposed: 5_000, events: 15, weight: 1 });
    const inBake = decide({
      state: { ...frozen, resumesIn: 'bake' },
      view: { facts: wellAtFullWeight, traffic: allToCandidate },
    });
    expect(inBake?.reason).toBe('1.1.0 keeps its goals again; the rollout goes on where it was');
  });

  it('is over by what was seen since the freeze, not before it', () => {
    const before = seen({ arm: 'stable', revision: 2, exposed: 600, events: 300 });
    expect(phaseAfter({ state: frozen, view: { facts: mergeFacts(before, stableAlone) } })).toBe('canary');
  });

  it('is not over while any goal is missed that has failed meanwhile', () => {
    const late = seen(
      { arm: 'stable', event: 'over-latency', exposed: 600, events: 200 },
      { arm: 'candidate', event: 'over-latency', exposed: 600, events: 200 },
    );
    const goals = { maxErrorRate: 0.01, maxLatencyMs: 500 };
    expect(phaseAfter({ goals, state: frozen, view: { facts: mergeFacts(healthy, late) } })).toBe('frozen');
  });
});

describe('a step is passed', () => {
  it('by what its own traffic has shown', () => {
    const older = seen(
      { arm: 'stable', revision: 2, exposed: 5_000, events: 15 },
      { arm: 'candidate', revision: 2, exposed: 5_000, events: 15 },
    );
    expect(phaseAfter({ state: { step: 0 }, view: { facts: older } })).toBe('waits');
  });

  it('when the comparison at its weight has seen enough, not the goal alone', () => {
    const enoughForTheGoal = seen(
      { arm: 'stable', exposed: 700, events: 2 },
      { arm: 'candidate', exposed: 700, events: 2 },
    );
    expect(phaseAfter({ state: { step: 0 }, view: { facts: enoughForTheGoal } })).toBe('waits');
  });

  it('without a word on labels, which only a promotion waits for', () => {
    const goals = { maxErrorRate: 0.01, minAccuracy: 0.9 };
    expect(decide({ goals, state: { step: 0 }, view: { facts: healthy } })).toMatchObject({
      phase: 'canary',
      provisional: false,
    });
  });

  it('by all that was seen when it is the bake, also of a rollout without steps', () => {
    const older = seen({ arm: 'candidate', revision: 2, weight: 1, exposed: 5_000, events: 15 });
    const changes = { settings: { steps: [] }, state: { phase: 'bake', step: 0 } as const, view: { facts: older } };
    expect(phaseAfter(changes)).toBe('active');
  });
});

describe('a provisional promotion', () => {
  const goals = { maxErrorRate: 0.01, minAccuracy: 0.9, minSatisfaction: 0.9 };

  it('is not confirmed before each gate on feedback and labels has passed', () => {
    expect(phaseAfter({ goals, state: provisional, view: { facts: labelled } })).toBe('waits');
  });

  it('is not interrupted by a shared incident', () => {
    expect(phaseAfter({ goals, state: provisional, view: { facts: bothFailing } })).toBe('waits');
  });
});

describe('where a rollout goes on', () => {
  it('is where it stood when it was interrupted', () => {
    const { rollout, state } = viewRollout({ state: { ...frozen, resumesIn: 'bake' } });
    expect(nextStage({ rollout, state })).toEqual({ phase: 'active', step: 1 });
    expect(decide({ settings: { shadow }, state: { phase: 'shadow' }, view: past })?.resumesIn).toBe('shadow');
    expect(decide({ state: { phase: 'bake' }, view: past })?.resumesIn).toBe('bake');
    expect(decide({ state: { phase: 'draft' }, view: { ...past, probed: false } })?.resumesIn).toBe('draft');
  });

  it('is held when its time has passed since it was asked for', () => {
    const view = viewRollout({ view: past });
    expect(decideMove(view)?.phase).toBe('held');
    expect(decideMove({ ...view, rollout: { ...view.rollout, createdAt: 1 } })).toBeUndefined();
  });
});
