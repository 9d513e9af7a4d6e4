/**
 * What one key used within the last minute. Uses that lie closer together than {@link GRAIN_MS} share a slot, so
 * that memory is bounded however high the limits are: at most 601 slots a key.
 *
 * A slot leaves the window a minute after its *last* use. So no window of a minute ever holds more than it should;
 * the error is on the other side, and below {@link GRAIN_MS}: the earlier uses of a shared slot come back that much
 * late. Uses that are further apart are counted exactly.
 */
export interface UsageWindow {
  /** Drops what is a minute old. Call it before the rest; `now` never goes back. */
  moveTo(now: number): void;
  readonly requests: number;
  readonly tokens: number;
  /** Counts one request. @returns the slot, for {@link correct} */
  add(now: number, tokens: number): Slot;
  /** Changes the tokens of a use; a no-op once its slot has left the window. */
  correct(slot: Slot, tokens: number): void;
  /** How long until at most so much is left in the window. */
  waitUntil(now: number, requests: number, tokens: number): number;
  /** How long until the window is empty. */
  emptyIn(now: number): number;
}

export interface Slot {
  readonly firstAt: number;
  lastAt: number;
  requests: number;
  tokens: number;
  gone: boolean;
}

export const WINDOW_MS = 60_000;
export const GRAIN_MS = 100;

/** @param kept slots of before, the oldest first, for windows that outlive the memory they were made in */
export function createUsageWindow(kept: readonly Slot[] = []): UsageWindow {
  let slots: Slot[] = [...kept];
  /** Slots before it have left; they are cut off now and then, not one by one. */
  let first = 0;
  let requests = slots.reduce((sum, slot) => sum + slot.requests, 0);
  let tokens = slots.reduce((sum, slot) => sum + slot.tokens, 0);

  const dropFirst = (slot: Slot): void => {
    slot.gone = true;
    requests -= slot.requests;
    tokens -= slot.tokens;
    first += 1;
    if (first * 2 > slots.length) {
      slots = slots.slice(first);
      first = 0;
    }
  };

  return {
    moveTo(now) {
      for (let slot = slots[first]; slot !== undefined && now - slot.lastAt >= WINDOW_MS; slot = slots[first]) {
        dropFirst(slot);
      }
    },
    get requests() {
      return requests;
    },
    get tokens() {
      return tokens;
    },
    add(now, used) {
      requests += 1;
      tokens += used;
      const latest = slots.at(-1);
      if (latest !== undefined && !latest.gone && now - latest.firstAt < GRAIN_MS) {
        latest.lastAt = now;
        latest.requests += 1;
        latest.tokens += used;
        return latest;
      }
      const slot = { firstAt: now, lastAt: now, requests: 1, tokens: used, gone: false };
      slots.push(slot);
      return slot;
    },
    correct(slot, change) {
      if (slot.gone) return;
      slot.tokens += change;
      tokens += change;
    },
    waitUntil(now, requestsLeft, tokensLeft) {
      let requestsThen = requests;
      let tokensThen = tokens;
      let wait = 0;
      for (let index = first; requestsThen > requestsLeft || tokensThen > tokensLeft; index += 1) {
        const slot = slots[index];
        if (slot === undefined) break;
        requestsThen -= slot.requests;
        tokensThen -= slot.tokens;
        wait = slot.lastAt + WINDOW_MS - now;
      }
      return wait;
    },
    emptyIn: (now) => Math.max(0, (slots.at(-1)?.lastAt ?? now - WINDOW_MS) + WINDOW_MS - now),
  };
}
