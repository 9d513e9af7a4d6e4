import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeAlertStore, type FakeAlertStore } from '../../test/alert-store.ts';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import type { AlertReading, AlertRule } from '../alerts/alert.ts';
import type { AlertSource } from '../alerts/alert-source.ts';
import { hourMs, minuteMs } from '../metrics/windows.ts';
import { DeliveryError, type Notification, type NotificationChannel } from '../ports/notifier.ts';
import { type AlertRoundPorts, type AlertWatch, startAlertWatch } from './watch-alerts.ts';

const roundMs = 10_000;
const ruleOf = (id: string, more: Partial<AlertRule> = {}): AlertRule => ({
  id,
  kind: 'error-rate',
  severity: 'page',
  model: 'chat',
  title: `chat: ${id}`,
  condition: 'It is bad.',
  holdMs: 0,
  clearMs: minuteMs,
  remindEveryMs: 4 * hourMs,
  ...more,
});

let clock: FakeClock;
let store: FakeAlertStore;
/** Rules that are true now. */
let trueRules: Set<string>;
let rules: AlertRule[];
let sent: Notification[];
let failures: number;
let errors: unknown[];
let made: number;

const readingOf = (rule: AlertRule): AlertReading => ({
  rule,
  isTrue: trueRules.has(rule.id),
  summary: trueRules.has(rule.id) ? 'It is bad.' : 'It is good.',
  advice: 'Look at it.',
  figures: [],
});
const source: AlertSource = { rules: async () => rules, read: async () => rules.map(readingOf) };
const channel: NotificationChannel = {
  kind: 'slack',
  target: 'hooks.example.com',
  isForPeople: true,
  close: async () => undefined,
  deliver: async (notification) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('answered 500');
    }
    sent.push(notification);
  },
};
const start = (more: Partial<Pick<AlertRoundPorts, 'sources' | 'channels' | 'isReady'>> = {}): AlertWatch =>
  startAlertWatch({
    alerts: store.alerts,
    leases: store.leases,
    sources: [source],
    channels: [channel],
    clock,
    ids: {
      next: () => {
        made += 1;
        return String(made).padStart(4, '0');
      },
    },
    projectId: 'default',
    isReady: () => true,
    onChange: () => undefined,
    onError: (error) => errors.push(error),
    ...more,
  });
const types = () => sent.map(({ type }) => type);
const states = () => store.all().map(({ ruleId, state }) => `${ruleId} ${state}`);

beforeEach(() => {
  clock = createFakeClock();
  store = createFakeAlertStore();
  trueRules = new Set();
  rules = [ruleOf('burn')];
  sent = [];
  failures = 0;
  errors = [];
  made = 0;
});

describe('alerts', () => {
  it('are told when they fire and when they are over, once each, with what happened and what to do', async () => {
    const watch = start();
    trueRules.add('burn');
    await clock.advance(roundMs);
    expect(sent).toMatchObject([
      {
        id: '0002-firing-loyw42s0',
        type: 'alert.firing',
        summary: 'chat: burn. It is bad. Look at it.',
        data: { alertId: '0002', rule: 'burn', severity: 'page', state: 'firing', model: 'chat' },
      },
    ]);
    await clock.advance(10 * minuteMs);
    expect(types()).toEqual(['alert.firing']);
    trueRules.clear();
    await clock.advance(roundMs + minuteMs);
    expect(types()).toEqual(['alert.firing', 'alert.resolved']);
    expect(sent[1]?.summary).toBe('Resolved: chat: burn. It is good.');
    await clock.advance(hourMs);
    expect(sent).toHaveLength(2);
    expect(states()).toEqual(['burn resolved']);
    await watch.close();
    expect(clock.pending).toBe(0);
  });

  it('wait for what their rule has to hold, and leave nothing where it does not', async () => {
    rules = [ruleOf('slow', { holdMs: minuteMs })];
    const watch = start();
    trueRules.add('slow');
    await clock.advance(roundMs);
    expect(states()).toEqual(['slow pending']);
    trueRules.clear();
    await clock.advance(roundMs);
    expect(states()).toEqual([]);
    trueRules.add('slow');
    await clock.advance(roundMs + minuteMs);
    expect(types()).toEqual(['alert.firing']);
    await watch.close();
  });

  it('are told by one of two processes, also when the one that leads is gone', async () => {
    const first = start();
    const second = start();
    trueRules.add('burn');
    await clock.advance(minuteMs);
    expect(types()).toEqual(['alert.firing']);
    expect(store.all()).toHaveLength(1);
    await first.close();
    trueRules.clear();
    await clock.advance(2 * minuteMs);
    expect(types()).toEqual(['alert.firing', 'alert.resolved']);
    await second.close();
  });

  it('are told once by two processes that both believe to lead', async () => {
    const leases = { hold: async () => true, release: async () => undefined };
    store = { ...store, leases };
    const watches = [start(), start()];
    trueRules.add('burn');
    await clock.advance(roundMs);
    trueRules.clear();
    await clock.advance(5 * minuteMs);
    expect(types()).toEqual(['alert.firing', 'alert.resolved']);
    expect(states()).toEqual(['burn resolved']);
    await Promise.all(watches.map((watch) => watch.close()));
  });

  it('go on after a restart where they were, and are told no second time', async () => {
    trueRules.add('burn');
    let watch = start();
    await clock.advance(roundMs);
    await watch.close();
    watch = start();
    await clock.advance(minuteMs);
    expect(types()).toEqual(['alert.firing']);
    expect(store.all()).toHaveLength(1);
    trueRules.clear();
    await clock.advance(roundMs);
    await watch.close();
    watch = start();
    await clock.advance(minuteMs);
    expect(types()).toEqual(['alert.firing', 'alert.resolved']);
    await watch.close();
  });

  it('that no process had time to tell are told by the next one, under the same id', async () => {
    trueRules.add('burn');
    failures = Number.POSITIVE_INFINITY;
    const killed = start();
    await clock.advance(roundMs);
    await killed.close();
    const before = store.all()[0]?.message;
    failures = 0;
    const watch = start();
    await clock.advance(minuteMs);
    expect(before?.tries).toBe(1);
    expect(sent.map(({ id }) => id)).toEqual(['0002-firing-loyw42s0']);
    await watch.close();
  });

  it('are tried again with back-off by the channel that failed alone, and given up after six tries', async () => {
    const flaky: NotificationChannel = { ...channel, kind: 'email', target: 'ops@example.com' };
    let tries = 0;
    const broken: NotificationChannel = {
      ...channel,
      deliver: async () => {
        tries += 1;
        throw new Error('answered 500');
      },
    };
    const watch = start({ channels: [flaky, broken] });
    trueRules.add('burn');
    await clock.advance(15 * minuteMs);
    expect(types()).toEqual(['alert.firing']);
    expect(tries).toBe(6);
    expect(store.all()[0]?.deliveries).toEqual([
      { channel: 'email', target: 'ops@example.com', delivered: true },
      { channel: 'slack', target: 'hooks.example.com', delivered: false, problem: 'answered 500' },
    ]);
    expect(store.all()[0]).not.toHaveProperty('message');
    await watch.close();
  });

  it('are not sent again to a channel that wants no more of them', async () => {
    let tries = 0;
    const gone: NotificationChannel = {
      ...channel,
      deliver: async () => {
        tries += 1;
        throw new DeliveryError('answered 410', { isFinal: true, retryAfterMs: 0 });
      },
    };
    const watch = start({ channels: [gone] });
    trueRules.add('burn');
    await clock.advance(15 * minuteMs);
    expect(tries).toBe(1);
    expect(store.all()[0]).toMatchObject({ deliveries: [{ problem: 'answered 410', isFinal: true }] });
    await watch.close();
  });

  it('do not wait for a channel that hangs for longer than fifteen seconds', async () => {
    const hanging: NotificationChannel = { ...channel, deliver: () => new Promise(() => undefined) };
    const watch = start({ channels: [hanging] });
    trueRules.add('burn');
    await clock.advance(roundMs + 15_000);
    expect(store.all()[0]?.deliveries).toMatchObject([{ problem: 'did not take it within 15 seconds' }]);
    await watch.close();
  });

  it('that are silenced are shown and not told, until the silence ends', async () => {
    const now = clock.now();
    const silence = { id: 's1', model: 'chat', reason: 'why', createdBy: 'sk', createdAt: now, until: now + hourMs };
    await store.alerts.insertSilence('default', silence);
    const watch = start();
    trueRules.add('burn');
    await clock.advance(minuteMs);
    expect(states()).toEqual(['burn firing']);
    expect(sent).toEqual([]);
    await store.alerts.endSilence('default', 's1', clock.now());
    await clock.advance(roundMs);
    expect(types()).toEqual(['alert.firing']);
    await watch.close();
  });

  it('that begin and end within a silence are never told', async () => {
    const now = clock.now();
    const silence = { id: 's1', ruleId: 'burn', reason: 'why', createdBy: 'sk', createdAt: now, until: now + hourMs };
    await store.alerts.insertSilence('default', silence);
    const watch = start();
    trueRules.add('burn');
    await clock.advance(minuteMs);
    trueRules.clear();
    await clock.advance(2 * hourMs);
    expect(states()).toEqual(['burn resolved']);
    expect(sent).toEqual([]);
    await watch.close();
  });

  it('are called to mind as long as they fire', async () => {
    const watch = start();
    trueRules.add('burn');
    await clock.advance(roundMs + 8 * hourMs + minuteMs);
    expect(types()).toEqual(['alert.firing', 'alert.reminder', 'alert.reminder']);
    expect(sent[1]?.summary).toBe('Still firing: chat: burn. It is bad. Look at it.');
    await watch.close();
  });

  it('stay as they are while their source cannot be read, and others go on', async () => {
    let isBroken = false;
    const broken: AlertSource = {
      ...source,
      read: async (now) => {
        if (isBroken) throw new Error('The store is away.');
        return source.read(now);
      },
    };
    const other = ruleOf('other');
    const sound: AlertSource = { rules: async () => [other], read: async () => [readingOf(other)] };
    const watch = start({ sources: [broken, sound] });
    trueRules.add('burn');
    await clock.advance(roundMs);
    isBroken = true;
    trueRules.add('other');
    await clock.advance(5 * minuteMs);
    expect(states()).toEqual(['burn firing', 'other firing']);
    expect(errors).toHaveLength(30);
    await watch.close();
  });

  it('end when nothing watches them any more', async () => {
    const watch = start();
    trueRules.add('burn');
    await clock.advance(roundMs);
    rules = [];
    await clock.advance(roundMs);
    expect(states()).toEqual(['burn resolved']);
    expect(sent[1]?.summary).toBe('Resolved: chat: burn. It is not watched any more.');
    await watch.close();
  });

  it('of before stay while a host that has just begun knows nothing yet', async () => {
    trueRules.add('burn');
    const before = start();
    await clock.advance(roundMs);
    await before.close();
    let isReady = false;
    rules = [];
    const watch = start({ isReady: () => isReady });
    await clock.advance(minuteMs);
    expect(states()).toEqual(['burn firing']);
    rules = [ruleOf('burn')];
    isReady = true;
    await clock.advance(minuteMs);
    expect(states()).toEqual(['burn firing']);
    await watch.close();
  });
});
