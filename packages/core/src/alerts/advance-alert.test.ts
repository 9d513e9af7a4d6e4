import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../metrics/windows.ts';
import { advanceAlert, beginAlert } from './advance-alert.ts';
import type { Alert, AlertReading, AlertRule } from './alert.ts';

const at = 1_700_000_000_000;
const rule: AlertRule = {
  id: 'disk/page',
  kind: 'disk',
  severity: 'page',
  title: 'Disk space',
  condition: 'Little is free.',
  holdMs: minuteMs,
  clearMs: 2 * minuteMs,
  remindEveryMs: 4 * hourMs,
};
const reading = (isTrue: boolean, more: Partial<AlertReading> = {}): AlertReading => ({
  rule,
  isTrue,
  summary: isTrue ? 'It is full.' : 'There is room.',
  advice: 'Make room.',
  figures: [],
  ...more,
});
const begin = (more: Partial<AlertReading> = {}): Alert => {
  const alert = beginAlert(reading(true, more), 'a1', at);
  if (alert === undefined) throw new Error('It did not begin.');
  return alert;
};
const after = (alert: Alert, isTrue: boolean, ms: number): Alert | 'forget' | 'keep' => {
  const step = advanceAlert(alert, reading(isTrue), at + ms);
  return step.kind === 'write' ? step.alert : step.kind;
};
const written = (alert: Alert, isTrue: boolean, ms: number): Alert => {
  const next = after(alert, isTrue, ms);
  if (typeof next === 'string') throw new Error(`It was to be written, not: ${next}.`);
  return next;
};
/** Fires, and was told. */
const told = (): Alert => {
  const { message: _, ...alert } = begin({ holdMs: 0 });
  return { ...alert, toldAt: at, deliveries: [{ channel: 'slack', target: 'x', delivered: true }] };
};

describe('an alert', () => {
  it('begins only when its condition is true', () => {
    expect(beginAlert(reading(false), 'a1', at)).toBeUndefined();
    expect(begin()).toMatchObject({ state: 'pending', since: at, revision: 1, summary: 'It is full.' });
    expect(begin()).not.toHaveProperty('message');
  });

  it('fires at once where nothing has to be held', () => {
    expect(begin({ holdMs: 0 })).toMatchObject({
      state: 'firing',
      firedAt: at,
      message: { type: 'alert.firing', createdAt: at, tries: 0, nextTryAt: at },
    });
  });

  it('fires when it was true for as long as its rule says, to the millisecond', () => {
    expect(after(begin(), true, minuteMs - 1)).toBe('keep');
    expect(after(begin(), true, minuteMs)).toMatchObject({
      state: 'firing',
      since: at,
      firedAt: at + minuteMs,
      revision: 2,
      message: { type: 'alert.firing' },
    });
  });

  it('is forgotten when it ends before that', () => {
    expect(after(begin(), false, 10)).toBe('forget');
  });

  it('is over when it was untrue for as long as its rule says', () => {
    const clearing = written(told(), false, 10);
    expect(clearing).toMatchObject({ state: 'firing', clearSince: at + 10 });
    expect(after(clearing, false, 10 + 2 * minuteMs - 1)).toBe('keep');
    const resolved = written(clearing, false, 10 + 2 * minuteMs);
    expect(resolved).toMatchObject({
      state: 'resolved',
      resolvedAt: at + 10 + 2 * minuteMs,
      summary: 'There is room.',
      message: { type: 'alert.resolved' },
    });
    expect(resolved).not.toHaveProperty('clearSince');
  });

  it('goes on when it comes back before that', () => {
    const back = written(written(told(), false, 10), true, 20);
    expect(back).toMatchObject({ state: 'firing', summary: 'It is full.' });
    expect(back).not.toHaveProperty('clearSince');
    expect(written(back, false, 30)).toMatchObject({ clearSince: at + 30 });
  });

  it('ends silently where nobody was told of it', () => {
    const untold = { ...begin({ holdMs: 0 }), clearSince: at };
    expect(written(untold, false, 3 * minuteMs)).not.toHaveProperty('message');
    const taken = { ...untold, deliveries: [{ channel: 'slack' as const, target: 'x', delivered: true }] };
    expect(written(taken, false, 3 * minuteMs)).toMatchObject({ message: { type: 'alert.resolved' } });
  });

  it('is called to mind as often as its rule says, and its figures are kept fresh meanwhile', () => {
    expect(after(told(), true, minuteMs - 1)).toBe('keep');
    expect(written(told(), true, minuteMs)).toMatchObject({ updatedAt: at + minuteMs, revision: 2 });
    expect(written(told(), true, 4 * hourMs - 1)).not.toHaveProperty('message');
    expect(written(told(), true, 4 * hourMs)).toMatchObject({ message: { type: 'alert.reminder' } });
    expect(written(begin({ holdMs: 0 }), true, 4 * hourMs)).toMatchObject({ message: { type: 'alert.firing' } });
  });
});
