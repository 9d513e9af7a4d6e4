import { describe, expect, it } from 'vitest';
import { type FakeAnswer, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const at = 1_700_000_000_000;
const delivery = { channel: 'slack', target: 'hooks.example.com', delivered: true, problem: null };
const alert = {
  id: 'a1',
  rule: 'error-rate/tiny/page',
  kind: 'error-rate',
  severity: 'page',
  state: 'firing',
  model: 'tiny',
  version: null,
  keyId: null,
  title: 'tiny: error rate',
  summary: '5 % of 1,000 requests failed.',
  advice: 'Look at them.',
  figures: [],
  since: at,
  firedAt: at,
  resolvedAt: null,
  updatedAt: at,
  silencedBy: null,
  deliveries: [{ ...delivery, delivered: false, problem: 'answered 500' }],
};
const silence = {
  id: 's1',
  rule: null,
  model: 'tiny',
  kind: null,
  reason: 'why',
  createdBy: 'sk-adm',
  createdAt: at,
  until: at + 3_600_000,
};
const rule = {
  rule: alert.rule,
  kind: 'error-rate',
  severity: 'page',
  model: 'tiny',
  title: '',
  condition: 'Too many.',
};
const report = {
  firing: [alert],
  pending: [],
  resolved: [{ ...alert, state: 'resolved', resolvedAt: at, summary: 'All is well.' }],
  silences: [silence],
  rules: [rule],
  channels: [{ channel: 'slack', target: 'hooks.example.com' }],
  evaluatedAt: at,
};
const quiet = { ...report, firing: [], resolved: [], silences: [], channels: [], evaluatedAt: null };
const tested = (deliveries: readonly unknown[], passed: boolean) => ({
  alert: { ...alert, kind: 'test', title: 'Test of the alerts' },
  passed,
  deliveries,
  receipts: [{ sequence: 7, model: 'tiny', version: '1.0.0' }],
});

const run = async (words: readonly string[], answers: Record<string, FakeAnswer>) => {
  await using server = await startFakeServer(answers);
  const result = await runCommand(['alerts', ...words], { env: { SCARMONIT_URL: server.url } });
  return { ...result, requests: server.requests };
};

describe('scarmonit alerts', () => {
  it('lists what fires with its figures, what to do, and what did not arrive', async () => {
    const { stdout } = await run(['list'], { 'GET /api/admin/alerts': { json: report } });
    expect(stdout.split('\n')).toEqual([
      'page  tiny: error rate  since 2023-11-14 22:13 UTC',
      '    5 % of 1,000 requests failed.',
      '    Look at them.',
      '    not delivered: slack: answered 500',
      '    error-rate/tiny/page',
      'resolved 2023-11-14 22:13 UTC  tiny: error rate. All is well.',
      'silence s1  tiny until 2023-11-14 23:13 UTC: why (sk-adm)',
      '1 rules, last looked at 2023-11-14 22:13 UTC; told to slack (hooks.example.com).',
      '',
    ]);
  });

  it('says when nothing fires, and that nobody would hear of it', async () => {
    const { stdout } = await run(['list'], { 'GET /api/admin/alerts': { json: quiet } });
    expect(stdout).toBe(
      'Nothing fires.\n1 rules, not looked at yet; told to nobody: set SCARMONIT_WEBHOOK_URL, SCARMONIT_SLACK_URL or SCARMONIT_SMTP_URL.\n',
    );
  });

  it('lists what is watched', async () => {
    const { stdout } = await run(['list', '--rules'], { 'GET /api/admin/alerts': { json: report } });
    expect(stdout).toMatch(/^error-rate\/tiny\/page +page +Too many\.$/m);
  });

  it('silences for a while, and ends it', async () => {
    const words = ['silence', '--model', 'tiny', '--for', '90m', '--reason', 'why'];
    const silenced = await run(words, { 'POST /api/admin/alerts/silences': { status: 201, json: silence } });
    expect(JSON.parse(silenced.requests[0]?.body ?? '')).toEqual({ model: 'tiny', minutes: 90, reason: 'why' });
    expect(silenced.stdout).toContain('scarmonit alerts unsilence s1');
    const ended = await run(['unsilence', 's1'], { 'DELETE /api/admin/alerts/silences/s1': { json: report } });
    expect(ended.stdout).toBe('Ended. 1 alerts fire now.\n');
  });

  it('silences nothing when it is not said what', async () => {
    const { exitCode, stderr } = await run(['silence', '--for', '90m', '--reason', 'why'], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Say what is silenced');
  });

  it('tests every channel, and ends with 1 when one does not take it', async () => {
    const answering = (json: unknown) => ({ 'POST /api/admin/alerts/test': { json } });
    const passed = await run(['test'], answering(tested([{ ...delivery, elapsedMs: 12.4 }], true)));
    expect(passed.exitCode).toBe(0);
    expect(passed.stdout).toBe(
      'Planted: Test of the alerts.\ndelivered  slack to hooks.example.com in 12 ms\nReceipts: 7 (tiny@1.0.0).\n',
    );
    const refused = { ...delivery, delivered: false, problem: 'answered 404', elapsedMs: 1 };
    const failed = await run(['test'], answering(tested([refused], false)));
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain('NOT delivered  slack to hooks.example.com: answered 404');
    const nowhere = await run(['test'], answering(tested([], false)));
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.stdout).toContain('No channel is configured');
  });
});
