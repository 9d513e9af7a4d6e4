import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeAlertStore, type FakeAlertStore } from '../../test/alert-store.ts';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testManifest } from '../../test/manifest.ts';
import { createFakeRolloutStore, type FakeRolloutStore, fakeSigner } from '../../test/rollout-store.ts';
import type { Alert } from '../alerts/alert.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';
import { dayMs, hourMs } from '../metrics/windows.ts';
import type { Notification, NotificationChannel } from '../ports/notifier.ts';
import { type AlertService, createAlertService } from './manage-alerts.ts';

let clock: FakeClock;
let store: FakeAlertStore;
let chain: FakeRolloutStore;
let sent: Notification[];
let alerts: AlertService;

const alertOf = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  ruleId: id,
  kind: 'latency',
  severity: 'ticket',
  state: 'firing',
  model: 'chat',
  title: id,
  summary: '',
  advice: '',
  figures: [],
  since: clock.now(),
  updatedAt: clock.now(),
  deliveries: [],
  revision: 1,
  ...more,
});
const channelTo = (target: string, isDown = false): NotificationChannel => ({
  kind: 'slack',
  target,
  isForPeople: true,
  close: async () => undefined,
  deliver: async (notification) => {
    if (isDown) throw new Error('answered 500');
    sent.push(notification);
  },
});
const [spec] = testManifest({ chat: ['1.0.0'] }).models;
const [version] = spec?.versions ?? [];
if (spec === undefined || version === undefined) throw new Error('The manifest has a model.');

const create = (channels: readonly NotificationChannel[]): AlertService => {
  let made = 0;
  const supervisor = new VersionSupervisor(version, {
    artifacts: {
      find: () => expect.unreachable(),
      pull: () => expect.unreachable(),
      verify: () => expect.unreachable(),
    },
    runtimes: {},
    clock,
    events: {},
    register: async () => undefined,
  });
  const split = { weight: 0, shadow: 0, sticky: 'none' as const, salt: '' };
  const decided = { decidedBy: 'manifest', reason: '', createdAt: 0 };
  const traffic = { model: 'chat', revision: 1, stable: '1.0.0', ...split, ...decided };
  return createAlertService({
    alerts: store.alerts,
    sources: [],
    channels,
    clock,
    ids: { next: () => `id${++made}` },
    projectId: 'default',
    deployments: { list: () => [{ spec, createdAt: 0, traffic, versions: new Map([['1.0.0', supervisor]]) }] },
    rollouts: chain.rollouts,
    receipts: chain.receipts,
    hash: { sha256Hex: (text) => `${text.length}`.padStart(64, '0') },
    signer: fakeSigner,
  });
};

beforeEach(() => {
  clock = createFakeClock();
  store = createFakeAlertStore();
  chain = createFakeRolloutStore();
  sent = [];
  alerts = create([channelTo('a')]);
});

describe('the report of alerts', () => {
  it('has pages first, then the newest, and what is silenced', async () => {
    await store.alerts.save('default', alertOf('old'));
    await clock.advance(10);
    await store.alerts.save('default', alertOf('new'));
    await store.alerts.save(
      'default',
      alertOf('page', { severity: 'page', since: clock.now() - hourMs, kind: 'disk' }),
    );
    await store.alerts.save('default', alertOf('soon', { state: 'pending' }));
    const silence = await alerts.silence({ kind: 'latency', reason: 'why', minutes: 60 }, 'sk-adm');
    const report = await alerts.report();
    expect(report.firing.map(({ id, silencedBy }) => [id, silencedBy])).toEqual([
      ['page', undefined],
      ['new', silence.id],
      ['old', silence.id],
    ]);
    expect(report.pending.map(({ id }) => id)).toEqual(['soon']);
    expect(report.silences).toEqual([silence]);
    expect(silence).toMatchObject({ createdBy: 'sk-adm', createdAt: clock.now(), until: clock.now() + hourMs });
    expect(report).not.toHaveProperty('evaluatedAt');
  });

  it('forgets what was resolved more than a week ago', async () => {
    await store.alerts.save('default', alertOf('gone', { state: 'resolved', resolvedAt: clock.now() }));
    expect((await alerts.report()).resolved).toHaveLength(1);
    await clock.advance(7 * dayMs + 1);
    expect((await alerts.report()).resolved).toEqual([]);
  });

  it('has no silence that was ended', async () => {
    const { id } = await alerts.silence({ model: 'chat', reason: 'why', minutes: 60 }, 'sk-adm');
    await alerts.endSilence(id);
    expect((await alerts.report()).silences).toEqual([]);
    await expect(alerts.endSilence(id)).rejects.toMatchObject({ kind: 'not_found', code: 'silence_not_found' });
  });
});

describe('a test of the alerts', () => {
  it('sends a planted alert through every channel, and leaves a receipt for each model', async () => {
    alerts = create([channelTo('a'), channelTo('b')]);
    const report = await alerts.test('sk-adm');
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({
      type: 'alert.test',
      summary: expect.stringMatching(
        /^Test of the alerts\. 5 % of 1,000 requests failed .* somebody planted this alert/,
      ),
      data: { kind: 'test', state: 'firing', model: null },
    });
    expect(report).toMatchObject({
      passed: true,
      alert: { state: 'resolved', kind: 'test' },
      receipts: [{ sequence: 1, model: 'chat', version: '1.0.0' }],
    });
    expect(chain.written.receipts).toMatchObject([
      {
        kind: 'alert-test',
        model: 'chat',
        version: '1.0.0',
        body: { passed: true, by: 'sk-adm', deliveries: [{ target: 'a' }, { target: 'b' }] },
      },
    ]);
    expect(chain.written.heads).toHaveLength(1);
    const { firing, resolved } = await alerts.report();
    expect(firing).toEqual([]);
    expect(resolved).toMatchObject([{ kind: 'test', deliveries: [{ delivered: true }, { delivered: true }] }]);
    expect(await store.alerts.listActive('default')).toEqual([]);
  });

  it('fails when one channel does not take it, and the receipt says so', async () => {
    alerts = create([channelTo('a'), channelTo('b', true)]);
    const report = await alerts.test('sk-adm');
    expect(report.passed).toBe(false);
    expect(report.deliveries.map(({ delivered, problem }) => [delivered, problem])).toEqual([
      [true, undefined],
      [false, 'answered 500'],
    ]);
    expect(chain.written.receipts[0]?.body).toMatchObject({ passed: false });
  });

  it('fails where nobody would be told', async () => {
    alerts = create([]);
    expect(await alerts.test('sk-adm')).toMatchObject({ passed: false, deliveries: [] });
    expect(chain.written.receipts[0]?.body).toMatchObject({ passed: false });
  });
});
