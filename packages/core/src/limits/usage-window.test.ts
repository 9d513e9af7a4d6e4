import { describe, expect, it } from 'vitest';
import { createUsageWindow, GRAIN_MS, type Slot, WINDOW_MS } from './usage-window.ts';

describe('usage window', () => {
  it('needs no more than one slot for each grain of its minute, whatever passes', () => {
    const window = createUsageWindow();
    const slots = new Set<unknown>();
    for (let now = 0; now < WINDOW_MS; now += 1) slots.add(window.add(now, 1));
    expect(slots.size).toBe(WINDOW_MS / GRAIN_MS);
    expect(window.requests).toBe(WINDOW_MS);
    window.moveTo(2 * WINDOW_MS);
    expect(window).toMatchObject({ requests: 0, tokens: 0 });
    expect(window.emptyIn(2 * WINDOW_MS)).toBe(0);
  });

  it('goes on from the slots that it is given', () => {
    const kept = [0, 1_000].map((at): Slot => ({ firstAt: at, lastAt: at, requests: 2, tokens: 10, gone: false }));
    const window = createUsageWindow(kept);
    expect(window).toMatchObject({ requests: 4, tokens: 20 });
    window.moveTo(WINDOW_MS);
    expect(window).toMatchObject({ requests: 2, tokens: 10 });
    expect(window.emptyIn(WINDOW_MS)).toBe(1_000);
  });
});
