/** What a piece of text turned into. */
export interface StopResult {
  /** Text that may be shown now. */
  readonly text: string;
  /** A stop string was found; the text before it is all there is. */
  readonly stopped: boolean;
}

/**
 * Cuts a streamed text before the first stop string, also when the stop string arrives in several pieces.
 * Holds back only what could be the beginning of a stop string, so the rest flows at once.
 * The cost of a piece grows with its own length and that of the longest stop string, not with the text so far.
 */
export class StopDetector {
  readonly #stops: readonly string[];
  #held = '';

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  push(piece: string): StopResult {
    if (this.#stops.length === 0) return { text: piece, stopped: false };
    const text = this.#held + piece;
    const end = this.#firstStop(text);
    if (end !== -1) {
      this.#held = '';
      return { text: text.slice(0, end), stopped: true };
    }
    const keep = this.#heldLength(text);
    this.#held = text.slice(text.length - keep);
    return { text: text.slice(0, text.length - keep), stopped: false };
  }

  /** The text that was held back, when no more will come. */
  flush(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }

  #firstStop(text: string): number {
    let first = -1;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at !== -1 && (first === -1 || at < first)) first = at;
    }
    return first;
  }

  #heldLength(text: string): number {
    return Math.max(...this.#stops.map((stop) => overlap(text, stop)));
  }
}

/** Length of the longest proper prefix of `marker` that `text` ends with. */
export function overlap(text: string, marker: string): number {
  for (let length = Math.min(marker.length - 1, text.length); length > 0; length--) {
    if (marker.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
