import { describe, expect, it } from 'vitest';
import { startFakeServer } from '../../test/fake-server.ts';
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

describe('scarmonit anomalies', () => {
  it('lists them in words, as they were asked for', async () => {
    await using server = await startFakeServer({
      'GET /api/admin/anomalies?limit=5&kind=key&open=true': {
        json: { data: [anomaly, { ...anomaly, until: 1_700_000_900_000 }], open: 1, nextBefore: null },
      },
    });
    const args = ['anomalies', 'list', '--open', '--kind', 'key', '--limit', '5'];
    const { code, stdout } = await runCommand(args, { server });
    expect(code).toBe(0);
    expect(stdout).toContain(`2023-11-14 22:13 UTC  goes on               ${anomaly.summary}`);
    expect(stdout).toContain(`2023-11-14 22:13 UTC  2023-11-14 22:28 UTC  ${anomaly.summary}`);
  });

  it('says when there are none', async () => {
    await using server = await startFakeServer({
      'GET /api/admin/anomalies?limit=20': { json: { data: [], open: 0, nextBefore: null } },
    });
    expect((await runCommand(['anomalies', 'list'], { server })).stdout).toBe('Nothing unusual.\n');
  });
});

describe('scarmonit drift', () => {
  it('shows what has drifted, and fails then', async () => {
    await using server = await startFakeServer({ 'GET /api/admin/drift?model=mood': { json: { data: [feature] } } });
    const { code, stdout } = await runCommand(['drift', 'show', 'mood'], { server });
    expect(code).toBe(1);
    expect(stdout).toContain('drifted');
    expect(stdout).toContain('0.457');
    expect(stdout).toContain(feature.summary);
  });

  it('is well while nothing has', async () => {
    const watching = { ...feature, state: 'watching', driftedAt: null };
    await using server = await startFakeServer({ 'GET /api/admin/drift': { json: { data: [watching] } } });
    expect((await runCommand(['drift'], { server })).code).toBe(0);
  });

  it('begins a new reference', async () => {
    await using server = await startFakeServer({ 'POST /api/admin/drift/reference': { json: { features: 3 } } });
    const { stdout } = await runCommand(['drift', 'accept', 'mood'], { server });
    expect(stdout).toBe('3 distributions begin a new reference.\n');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ model: 'mood' });
  });
});
