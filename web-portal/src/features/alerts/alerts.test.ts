import type { AlertView } from '@scarmonit/protocol/admin/alert';
import { describe, expect, it } from 'vitest';
import { describeDeliveries, describeSilence, toneOfAlert } from './describe-alert.ts';

const alert: AlertView = {
  id: '01',
  rule: 'error-rate/support-chat/page',
  kind: 'error-rate',
  severity: 'page',
  state: 'firing',
  model: 'support-chat',
  version: null,
  keyId: null,
  title: 'support-chat: error rate',
  summary: '5 % of the requests fail.',
  advice: 'Roll back.',
  figures: [],
  since: 1,
  firedAt: 2,
  resolvedAt: null,
  updatedAt: 3,
  silencedBy: null,
  deliveries: [],
};

describe('an alert', () => {
  it.each([
    ['firing', 'page', 'bad'],
    ['firing', 'ticket', 'warn'],
    ['pending', 'page', 'warn'],
    ['resolved', 'page', 'neutral'],
  ] as const)('that is %s, a %s, looks %s', (state, severity, tone) => {
    expect(toneOfAlert({ state, severity })).toBe(tone);
  });

  it('says who was told, and why somebody was not', () => {
    const told = { channel: 'email', target: 'ops@example.com', delivered: true, problem: null } as const;
    const failed = { channel: 'slack', target: 'hooks.example.com', delivered: false, problem: 'status 500' } as const;
    expect(describeDeliveries({ ...alert, deliveries: [told, failed] }, true)).toBe(
      'Told by e-mail ops@example.com. Not delivered by Slack hooks.example.com: status 500',
    );
    expect(describeDeliveries(alert, true)).toBe('Not told yet.');
    expect(describeDeliveries(alert, false)).toMatch(/no channel is configured/);
    expect(describeDeliveries({ ...alert, silencedBy: '01', deliveries: [told] }, true)).toMatch(/told to nobody/);
  });
});

describe('a silence', () => {
  it.each([
    [{ rule: 'disk', model: null, kind: null }, 'disk'],
    [{ rule: null, model: 'support-chat', kind: null }, 'everything of support-chat'],
    [{ rule: null, model: 'support-chat', kind: 'latency' }, 'every latency of support-chat'],
    [{ rule: null, model: null, kind: 'latency' }, 'every latency'],
  ] as const)('of %o is one of %s', (matchers, words) => {
    expect(describeSilence(matchers)).toBe(words);
  });
});
