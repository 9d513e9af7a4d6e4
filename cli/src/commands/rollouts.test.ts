import { describe, expect, it } from 'vitest';
import { type FakeAnswer, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const at = 1_700_000_000_000;
const state = {
  revision: 3,
  phase: 'canary',
  step: 0,
  paused: false,
  provisional: false,
  since: at,
  decidedBy: 'controller',
  reason: 'it goes on',
  createdAt: at,
};
const traffic = {
  revision: 2,
  stable: '1.0.0',
  candidate: '1.1.0',
  weight: 0.1,
  shadow: 0,
  sticky: 'none',
  rolloutId: 'r1',
  decidedBy: 'controller',
  reason: 'it goes on',
  createdAt: at,
};
const gate = {
  id: 'maxErrorRate/absolute',
  goal: 'maxErrorRate',
  kind: 'absolute',
  target: 0.01,
  alpha: 0.005,
  delayed: false,
  verdict: 'inconclusive',
  why: 'not-enough-exposure',
  logE: 2.649,
  threshold: 5.298,
  exposure: 13,
  required: 549.5,
};
const rollout = {
  id: 'r1',
  model: 'tiny',
  from: '1.0.0',
  to: '1.1.0',
  strategy: 'canary',
  createdAt: at,
  createdBy: 'sk-adm',
  reason: '',
  state,
  fromDigest: 'd1',
  toDigest: 'd2',
  plan: {
    strategy: 'canary',
    steps: [0.1, 0.5],
    shadow: null,
    minBakeMs: 1,
    deadlineMs: 1,
    falseRollbackBudget: 0.01,
    detect: 5,
    promotion: 'detect',
    sticky: 'none',
    retentionMs: 1,
    require: [],
  },
  traffic,
  gates: [gate],
  counts: {
    stable: { requests: 117, events: [{ event: 'error', exposed: 117, happened: 0 }] },
    candidate: { requests: 13, events: [{ event: 'error', exposed: 13, happened: 2 }] },
  },
  crashes: 0,
  shadowPairs: { pairs: 0, agreeing: 0, failed: 0 },
  states: [{ ...state, revision: 1, phase: 'draft', reason: 'asked for' }, state],
};
const rolledBack = { ...state, revision: 4, phase: 'rolled-back', reason: 'it is worse' };
const ended = { ...rollout, state: rolledBack, states: [...rollout.states, rolledBack] };
const report = { receipts: 18, heads: 8, last: { sequence: 18, hash: 'ab' }, recomputed: 10, keyId: 'k', problems: [] };
const routes: Record<string, FakeAnswer> = {
  'GET /api/admin/rollouts?limit=1&model=tiny': { json: { data: [rollout], nextBefore: null } },
  'GET /api/admin/rollouts/r1': { json: rollout },
  'POST /api/admin/rollouts': { status: 201, json: rollout },
  'POST /api/admin/rollouts/r1/pause': { json: { ...rollout, state: { ...state, paused: true } } },
  'GET /api/admin/models/tiny/history?limit=20': { json: { model: 'tiny', data: [traffic], nextBefore: null } },
  'POST /api/admin/receipts/verify': { json: report },
  'POST /api/feedback': { status: 202, json: { id: 'f1', requestId: 'req_1' } },
};

const run = async (words: readonly string[], answers = routes) => {
  await using server = await startFakeServer(answers);
  const result = await runCommand(words, { env: { SCARMONIT_URL: server.url } });
  return { ...result, requests: server.requests };
};

describe('scarmonit rollout', () => {
  it('starts one with the settings that were given', async () => {
    const { exitCode, requests, stdout } = await run([
      'rollout',
      'start',
      'tiny',
      '1.1.0',
      '--steps',
      '5,50',
      '--bake',
      '0.5',
      '--shadow',
      '10:100',
      '--reason',
      'why',
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      model: 'tiny',
      to: '1.1.0',
      settings: { steps: [5, 50], minBakeMinutes: 0.5, shadow: { percent: 10, pairs: 100 } },
      reason: 'why',
    });
    expect(stdout).toMatch(/^Started r1: tiny 1\.0\.0 → 1\.1\.0 \(canary\)\.\n/);
  });

  it('draws the traffic, and each gate as its evidence against its threshold', async () => {
    const { stdout } = await run(['rollout', 'status', 'tiny']);
    expect(stdout).toContain(`canary step 1 of 2`);
    expect(stdout).toContain(`${'█'.repeat(3)}${'░'.repeat(27)} 10 % 1.1.0, 90 % 1.0.0`);
    expect(stdout).toContain('13 requests, 2 error (15.38 %)');
    expect(stdout).toContain(
      `${'█'.repeat(15)}${'░'.repeat(15)} E 14.1 of 200 to fail, 13 of 550 seen: inconclusive (not-enough-exposure)`,
    );
  });

  it('watches to the end, a line for each state where it is no terminal, and ends with 1 after a roll-back', async () => {
    const { exitCode, stdout } = await run(['rollout', 'status', 'r1', '--watch'], {
      'GET /api/admin/rollouts?limit=1&model=r1': { json: { data: [], nextBefore: null } },
      'GET /api/admin/rollouts/r1': { json: ended },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toBe(
      'draft: asked for (controller)\ncanary: it goes on (controller)\nrolled-back: it is worse (controller)\n',
    );
  });

  it('sends a decision with its reason and the revision that it was made on', async () => {
    const { requests, stdout } = await run(['rollout', 'pause', 'tiny', '--reason', 'lunch', '--revision', '3']);
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({ reason: 'lunch', revision: 3 });
    expect(stdout).toBe('tiny 1.0.0 → 1.1.0: canary, paused. it goes on\n');
  });

  it('simulates without a server, the same figures for the same seed', async () => {
    const words = ['rollout', 'simulate', '--runs', '3', '--minutes', '5', '--json'];
    const [first, second] = [await run(words), await run(words)];
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout).data[0]).toMatchObject({ detector: 'gates', falseAlarms: 0, detected: 1 });
  });
});

describe('scarmonit rollout self-test', () => {
  const planted = { name: 'slow', planted: 'twice as slow', expected: 'rolled-back by maxLatencyMs/comparative' };
  const seen = { reason: '2.0.0 is slower', elapsedMs: 54_000, receipts: 12 };
  const stopped = {
    ...planted,
    ...seen,
    outcome: 'rolled-back',
    gate: 'maxLatencyMs/comparative',
    requests: 900,
    passed: true,
  };
  const missed = { ...planted, ...seen, outcome: 'active', gate: null, requests: 4000, passed: false };
  const ran = { store: 'memory', seed: 1, tookMs: 1_500 };
  const progress = { type: 'progress', name: 'slow', number: 2, of: 15, requests: 1_000 };
  const saying = (...events: readonly unknown[]): Record<string, FakeAnswer> => ({
    'POST /api/admin/rollouts/self-test?stream=true': { events },
  });
  const answering = (report: unknown): Record<string, FakeAnswer> => saying(progress, { type: 'report', report });

  it('shows what stopped each planted version, and ends with 0', async () => {
    const { exitCode, stdout } = await run(
      ['rollout', 'self-test'],
      answering({ cases: [stopped], ...ran, passed: true }),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'ok  slow: twice as slow\n    rolled-back by maxLatencyMs/comparative after 900 requests, 54 s\n    2.0.0 is slower\n',
    );
    expect(stdout).toContain('12 receipts verified), apart from its models, over memory.');
    expect(stdout).toContain(
      'what 900 requests were answered, and when (seed 1). Their clock passed by itself: 54 s in 1.5 s.',
    );
  });

  it('ends with 1 when one got through, also with --json', async () => {
    const report = { cases: [missed], ...ran, passed: false };
    const table = await run(['rollout', 'self-test'], answering(report));
    expect(table.exitCode).toBe(1);
    expect(table.stdout).toContain('NO  slow: twice as slow\n    active after 4000 requests, 54 s\n');
    expect(table.stdout).toContain('    expected: rolled-back by maxLatencyMs/comparative\n');
    const json = await run(['rollout', 'self-test', '--json'], answering(report));
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual(report);
  });

  it('says on standard error how far it is', async () => {
    const { stderr } = await run(['rollout', 'self-test', '--json'], answering({ cases: [], ...ran, passed: true }));
    expect(stderr).toBe('2 of 15: slow, 1000 requests\n');
  });

  it.each([
    ['with what the server says', { error: { message: 'The planted engine is gone.' } }, 'The planted engine is gone.'],
    ['when the server breaks off', progress, 'The self-test broke off before its end.'],
    ['when it does not understand', { type: 'other' }, 'use the same version'],
  ])('fails %s', async (_, event, message) => {
    const { exitCode, stdout, stderr } = await run(['rollout', 'self-test'], saying(progress, event));
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });
});

describe('scarmonit history', () => {
  it('says who served, with which share, decided by whom and why', async () => {
    const { stdout } = await run(['history', 'tiny']);
    expect(stdout).toMatch(/2023-11-14 22:13 UTC {2}1\.0\.0 +1\.1\.0 10 % +controller +it goes on/);
  });
});

describe('scarmonit receipts verify', () => {
  it('ends with 0 when all is sound and with 1 when it is not', async () => {
    const sound = await run(['receipts', 'verify', '--recompute']);
    expect(sound.exitCode).toBe(0);
    expect(sound.stdout).toContain('18 receipts and 8 signed heads checked, 10 verdicts calculated again');
    const problems = [{ sequence: 7, kind: 'edited', message: 'Receipt 7 was edited.' }];
    const tampered = await run(['receipts', 'verify', '--json'], {
      'POST /api/admin/receipts/verify': { json: { ...report, problems } },
    });
    expect(tampered.exitCode).toBe(1);
    expect(JSON.parse(tampered.stdout).problems).toEqual(problems);
  });
});

describe('scarmonit feedback', () => {
  it('sends what was said, and nothing else', async () => {
    const { requests } = await run(['feedback', 'req_1', '--down', '--no-completed']);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ requestId: 'req_1', rating: 'down', completed: false });
    expect((await run(['feedback', 'req_1'])).exitCode).toBe(2);
  });
});
