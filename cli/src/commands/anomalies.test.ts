import { describe, expect, it } from 'vitest';
import { type FakeAnswer, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const anomaly = {
  id: 'an_1',
  kind: 'key',
  subject: 'key-1',
  label: 'sk-ab12',
  measure: 'requests',
  direction: 'above',
  value: 1_230,
  usual: 30,
  factor: 41,
  summary: 'key sk-ab12 made 41× its usual requests: 1,230 in 5 minutes, usually 30',
  since: 1_700_000_000_000,
  until: null,
};
const feature = {
  model: 'mood',
  version: '1.0.0',
  feature: 'label',
  state: 'drifted',
  referenceDays: 14,
  referenceDaysNeeded: 14,
  referenceRequests: 9_000,
  days: 6,
  psi: 0.4567,
  divergence: 0.08,
  tolerated: 0.018,
  evidence: 1_234.5,
  evidenceNeeded: 800,
  driftedAt: 1_700_000_000_000,
  summary: 'mood 1.0.0: what it says have drifted',
  bins: [],
};

const run = async (words: readonly string[], answers: Record<string, FakeAnswer>) => {
  await using server = await startFakeServer(answers);
  const result = await runCommand(words, { env: { SCARMONIT_URL: server.url } });
  return { ...result, requests: server.requests };
};

describe('scarmonit anomalies', () => {
  it('lists them in words, as they were asked for', async () => {
    const json = { data: [anomaly, { ...anomaly, until: 1_700_000_900_000 }], open: 1, nextBefore: null };
    const { stdout } = await run(['anomalies', 'list', '--open', '--kind', 'key', '--limit', '5'], {
      'GET /api/admin/anomalies?limit=5&kind=key&open=true': { json },
    });
    expect(stdout).toContain(`2023-11-14 22:13 UTC  goes on               ${anomaly.summary}`);
    expect(stdout).toContain(`2023-11-14 22:13 UTC  2023-11-14 22:28 UTC  ${anomaly.summary}`);
  });

  it('says when there are none', async () => {
    const json = { data: [], open: 0, nextBefore: null };
    const { stdout } = await run(['anomalies', 'list'], { 'GET /api/admin/anomalies?limit=20': { json } });
    expect(stdout).toBe('Nothing unusual.\n');
  });
});

describe('scarmonit drift', () => {
  it('shows what has drifted, and fails then', async () => {
    const { exitCode, stdout } = await run(['drift', 'show', 'mood'], {
      'GET /api/admin/drift?model=mood': { json: { data: [feature] } },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain(feature.summary);
    expect(stdout).toContain('0.457');
  });

  it('is well while nothing has', async () => {
    const watching = { ...feature, state: 'watching', driftedAt: null };
    const { exitCode } = await run(['drift'], { 'GET /api/admin/drift': { json: { data: [watching] } } });
    expect(exitCode).toBe(0);
  });

  it('begins a new reference', async () => {
    const { stdout, requests } = await run(['drift', 'accept', 'mood'], {
      'POST /api/admin/drift/reference': { json: { features: 3 } },
    });
    expect(stdout).toBe('3 distributions begin a new reference.\n');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ model: 'mood' });
  });

  it('makes a data set the reference, and says of what it is one', async () => {
    const features = [
      { feature: 'label', examples: 300, isReference: true },
      { feature: 'script', examples: 30, isReference: false },
    ];
    await using server = await startFakeServer({
      'PUT /api/admin/drift/reference': { json: { model: 'mood', version: '1.1.0', features } },
    });
    const words = ['drift', 'reference', 'mood', '--file', '-', '--model-version', '1.1.0'];
    const stdin = '{"input":"a","output":"good"}\n\n{"input":"b"}\n';
    const { stdout, exitCode } = await runCommand(words, { env: { SCARMONIT_URL: server.url }, stdin });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      model: 'mood',
      version: '1.1.0',
      examples: [{ input: 'a', output: 'good' }, { input: 'b' }],
    });
    expect(stdout).toMatch(/label +300 +the new reference/);
    expect(stdout).toMatch(/script +30 +too few, left as it was/);
    expect(exitCode).toBe(0);
  });

  it('names the line of a data set that is no JSON', async () => {
    const words = ['drift', 'reference', 'mood', '--file', '-'];
    const { stderr, exitCode } = await runCommand(words, { stdin: '{"input":"a"}\nhello\n' });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Line 2 of - is no JSON')]);
  });
});
