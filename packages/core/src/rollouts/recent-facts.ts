import type { RolloutFacts } from '../gates/facts.ts';
import { subtractFacts } from '../gates/merge-facts.ts';

interface Snapshot {
  readonly at: number;
  readonly facts: RolloutFacts;
}

/** What rollouts have seen in the last minutes, which tells an incident that has just begun from a long good record. */
export class RecentFacts {
  readonly #windowMs: number;
  readonly #everyMs: number;
  readonly #snapshots = new Map<string, Snapshot[]>();

  /** @param windowMs how far back it looks, give or take `everyMs`, the distance of the snapshots that it keeps */
  constructor(windowMs = 300_000, everyMs = 30_000) {
    this.#windowMs = windowMs;
    this.#everyMs = everyMs;
  }

  /**
   * Notes what is known now. @returns what of it came within the window, or since the first note, whichever is later;
   *   at the first note all that is known, which may be older
   * @param now milliseconds since the Unix epoch
   */
  note(rolloutId: string, facts: RolloutFacts, now: number): RolloutFacts {
    const snapshots = this.#snapshots.get(rolloutId) ?? [];
    this.#snapshots.set(rolloutId, snapshots);
    const newest = snapshots.at(-1);
    if (newest === undefined || now - newest.at >= this.#everyMs) snapshots.push({ at: now, facts });
    // The one before the window's begin stays: it is what the window is measured from.
    while ((snapshots[1]?.at ?? now) <= now - this.#windowMs) snapshots.shift();
    const [oldest] = snapshots;
    return oldest === undefined || oldest.facts === facts ? facts : subtractFacts(facts, oldest.facts);
  }

  /** Forgets all rollouts but these. */
  keepOnly(rolloutIds: ReadonlySet<string>): void {
    for (const id of this.#snapshots.keys()) if (!rolloutIds.has(id)) this.#snapshots.delete(id);
  }
}
