/**
 * A first-in-first-out queue that drops its oldest items when it is full. Readers look at items first and confirm later
 * that they are done with them, so that what could not be processed is still there.
 */
export interface BoundedQueue<Item> {
  /** Amortised constant time. */
  push(item: Item): void;
  /** Up to `limit` of the oldest items, and the position just after them. */
  peek(limit: number): { readonly items: readonly Item[]; readonly from: number; readonly to: number };
  /** Says that the items from one position to another are done. Those that were dropped meanwhile count no more as dropped. */
  confirm(from: number, to: number): void;
  /** Drops everything. */
  clear(): void;
  readonly size: number;
  /** Position of the oldest item; positions count all items that were ever pushed. */
  readonly start: number;
  /** Position just after the newest item. */
  readonly end: number;
  readonly dropped: number;
}

// Below this, moving the items costs more than the room that it gives back.
const COMPACT_FROM = 1_024;

export function createBoundedQueue<Item>(maxItems: number): BoundedQueue<Item> {
  let items: Item[] = [];
  /** Position of `items[0]`. */
  let base = 0;
  let start = 0;
  let dropped = 0;

  const end = (): number => base + items.length;
  const moveStart = (to: number): void => {
    start = Math.max(start, to);
    const gone = start - base;
    if (gone === items.length || (gone > COMPACT_FROM && gone * 2 > items.length)) {
      items = items.slice(gone);
      base = start;
    }
  };

  return {
    push(item) {
      items.push(item);
      if (end() - start > maxItems) {
        dropped += 1;
        moveStart(start + 1);
      }
    },
    peek(limit) {
      const first = start - base;
      const slice = items.slice(first, first + limit);
      return { items: slice, from: start, to: start + slice.length };
    },
    confirm(from, to) {
      dropped -= Math.max(0, Math.min(start, to) - from);
      moveStart(to);
    },
    clear() {
      dropped += end() - start;
      moveStart(end());
    },
    get size() {
      return end() - start;
    },
    get start() {
      return start;
    },
    get end() {
      return end();
    },
    get dropped() {
      return dropped;
    },
  };
}
