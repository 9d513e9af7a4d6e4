/** What an upstream says of who answered. */
export interface AnsweredBy {
  /** The upstream's own name, which may be finer than the one asked for: `gpt-4o` → `gpt-4o-2024-08-06`. */
  readonly model: string;
  /** Changes with the upstream's weights, software or settings; not every upstream has one. */
  readonly systemFingerprint: string | undefined;
}

/** How many are remembered; several behind one load balancer take turns. */
const most = 16;

/** Who has answered at one target, the latest last. A new face means that the upstream was changed. */
export class Identities {
  readonly #known = new Map<string, AnsweredBy>();
  #latestKey: string | undefined;

  /** @returns who answered before, when this one is new and not the first */
  record(answeredBy: AnsweredBy): AnsweredBy | undefined {
    const key = `${answeredBy.model}\n${answeredBy.systemFingerprint ?? ''}`;
    if (key === this.#latestKey) return undefined;
    this.#latestKey = key;
    const before = this.latest;
    const isNew = ![...this.#known.values()].some((known) => isSame(known, answeredBy));
    this.#known.delete(key);
    this.#known.set(key, answeredBy);
    if (this.#known.size > most) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return isNew ? before : undefined;
  }

  /** Whether nobody has answered yet. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get latest(): AnsweredBy | undefined {
    return [...this.#known.values()].at(-1);
  }
}

/** Some upstreams tell their fingerprint in streams only, or only at times; not to tell it is no change. */
function isSame(one: AnsweredBy, other: AnsweredBy): boolean {
  if (one.model !== other.model) return false;
  const [a, b] = [one.systemFingerprint, other.systemFingerprint];
  return a === b || a === undefined || b === undefined;
}
