import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';
import type { GateView, RolloutDetailView, RolloutStateView, TrafficView } from '@scarmonit/protocol/admin/rollout';
import { describe, expect, it } from 'vitest';
import { summarizeReceipt } from '../history/summarize-receipt.ts';
import { describeGate } from './describe-gate.ts';
import { describePromotion } from './describe-promotion.ts';
import { nameGate } from './name-gate.ts';
import { readGatePoints } from './read-gate-points.ts';
import { toStaircase } from './to-staircase.ts';

const gate: GateView = {
  id: 'maxLatencyMs/absolute',
  goal: 'maxLatencyMs',
  kind: 'absolute',
  target: 500,
  alpha: 0.001,
  delayed: false,
  verdict: 'inconclusive',
  why: 'not-enough-exposure',
  logE: 1.8,
  threshold: 4.605,
  exposure: 200,
  required: 350,
};

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a gate', () => {
  it('is named by what it looks at', () => {
    expect(plain(nameGate(gate))).toBe('latency against the goal of 500 ms');
    expect(nameGate({ ...gate, goal: 'maxErrorRate', kind: 'comparative' })).toBe('errors against stable');
  });

  it.each([
    [{}, '200 of the 350 requests seen that it needs; evidence 1.8 of the 4.61 that would roll back.'],
    [{ why: 'no-data' }, 'Nothing to judge by yet: no requests that count have arrived.'],
    [{ why: 'not-proven' }, 'Not proven yet; evidence 1.8 of the 4.61 that would roll back.'],
    [{ why: null, verdict: 'fail', logE: 5 }, 'Failed: evidence 5 of the 4.61 needed to roll back.'],
    [
      { why: null, verdict: 'pass', logE: -2, exposure: 1234 },
      'Passed, after 1,234 requests; evidence 0 of the 4.61 that would roll back.',
    ],
  ] as const)('with %o says in words: %s', (change, sentence) => {
    expect(describeGate({ ...gate, ...change })).toBe(sentence);
  });
});

const receipt = (sequence: number, body: ReceiptView['body'], kind: ReceiptView['kind'] = 'gate'): ReceiptView => ({
  projectId: 'default',
  sequence,
  kind,
  model: 'support-chat',
  version: '1.3.0',
  versionDigest: 'aa',
  rolloutId: '01',
  body,
  createdAt: sequence * 1000,
  previousHash: '',
  hash: '',
});

describe('receipts', () => {
  const reading = { logE: 2, verdict: 'inconclusive' };
  it('of one gate are its points, oldest first; what cannot be read is none', () => {
    const id = 'maxLatencyMs/absolute';
    const receipts = [
      receipt(9, { gate: { id }, reading }),
      receipt(8, { gate: { id: 'other' }, reading }),
      receipt(7, { gate: { id }, reading: { logE: null } }),
      receipt(6, { phase: 'canary' }, 'rollout'),
      receipt(5, { gate: { id }, reading: { logE: -1 } }),
    ];
    expect(readGatePoints(receipts, id)).toEqual([
      { at: 5000, logE: -1, receipt: 5 },
      { at: 9000, logE: 2, receipt: 9 },
    ]);
  });

  it('say in a line what they hold', () => {
    expect(plain(summarizeReceipt(receipt(1, { gate: { ...gate }, reading })))).toBe(
      'latency against the goal of 500 ms: inconclusive',
    );
    expect(summarizeReceipt(receipt(1, { gate: { id: 'new/kind' }, reading }))).toBe('new/kind: inconclusive');
    expect(summarizeReceipt(receipt(1, { phase: 'canary', reason: 'all well' }, 'rollout'))).toBe('canary: all well');
    expect(summarizeReceipt(receipt(1, {}, 'stress'))).toBe('its contents');
  });
});

describe('the staircase', () => {
  const traffic = (revision: number, change: Partial<TrafficView>): TrafficView => ({
    revision,
    stable: '1.2.0',
    candidate: '1.3.0',
    weight: 0.1,
    shadow: 0,
    sticky: 'none',
    rolloutId: '01',
    decidedBy: 'controller',
    reason: '',
    createdAt: revision * 1000,
    ...change,
  });

  it('rises to everything when the candidate becomes stable', () => {
    const revisions = [
      traffic(4, { stable: '1.3.0', candidate: null, weight: 0 }),
      traffic(3, { weight: 0.5 }),
      traffic(2, {}),
      traffic(1, { rolloutId: null, candidate: null, weight: 0 }),
    ];
    expect(toStaircase(revisions, { id: '01', to: '1.3.0' }, 6000)).toEqual([
      { from: 2000, to: 3000, weight: 0.1 },
      { from: 3000, to: 4000, weight: 0.5 },
      { from: 4000, to: 6000, weight: 1 },
    ]);
  });

  it('falls to nothing at a roll-back', () => {
    const revisions = [traffic(3, { candidate: null, weight: 0 }), traffic(2, {})];
    expect(toStaircase(revisions, { id: '01', to: '1.3.0' }, 4000).map(({ weight }) => weight)).toEqual([0.1, 0]);
  });
});

describe('promoting', () => {
  const plan: RolloutDetailView['plan'] = {
    strategy: 'canary',
    steps: [0.1, 0.5],
    shadow: { share: 0.2, pairs: 100 },
    minBakeMs: 0,
    deadlineMs: 0,
    falseRollbackBudget: 0.01,
    detect: 5,
    promotion: 'detect',
    sticky: 'none',
    retentionMs: 3_600_000,
    require: [],
  };
  const stateOf = ([phase, step]: readonly [RolloutStateView['phase'], number]): RolloutStateView => ({
    revision: 1,
    phase,
    step,
    paused: false,
    provisional: false,
    since: 1,
    decidedBy: 'controller',
    reason: '',
    createdAt: 1,
  });
  const after = (...stages: readonly (readonly [RolloutStateView['phase'], number])[]) =>
    describePromotion({ model: 'support-chat', from: '1.2.0', to: '1.3.0', plan, states: stages.map(stateOf) });

  it('says which stage comes next, also when the rollout is held or frozen', () => {
    const buttons = [
      after(['draft', 0]),
      after(['validated', 0]),
      after(['shadow', 0]),
      after(['canary', 0]),
      after(['canary', 0], ['frozen', 0]),
      after(['canary', 1], ['frozen', 1], ['held', 1]),
      after(['bake', 1]),
    ].map((promotion) => promotion && plain(promotion.button));
    expect(buttons).toEqual([
      undefined,
      'Promote to shadow',
      'Promote to 10 %',
      'Promote to 50 %',
      'Promote to 50 %',
      'Promote to 100 %',
      'Promote to stable',
    ]);
  });

  it('says what will happen', () => {
    expect(plain(after(['canary', 1])?.text ?? '')).toBe(
      'All of the requests for support-chat go to 1.3.0 at once, without waiting for the gates. They go on watching, and a failed one rolls back.',
    );
    expect(plain(after(['bake', 1])?.text ?? '')).toMatch(/1\.2\.0 stays warm for 1 h/);
  });
});
