/**
 * Ends a text before the first of its stop sequences, which models of the platform do not all know. What may be the
 * beginning of one is held back until it is known.
 */
export class StopCutter {
  readonly #stops: readonly string[];
  #held = '';
  #isCut = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** Whether a stop sequence has come: nothing more belongs to the text. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** @returns what may be shown by now */
  push(text: string): string {
    if (this.#isCut) return '';
    if (this.#stops.length === 0) return text;
    const all = this.#held + text;
    const cutAt = this.#findFirst(all);
    if (cutAt !== undefined) {
      this.#isCut = true;
      this.#held = '';
      return all.slice(0, cutAt);
    }
    const kept = this.#countBegun(all);
    this.#held = all.slice(all.length - kept);
    return all.slice(0, all.length - kept);
  }

  /** @returns what was held back, when no more comes */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  #findFirst(text: string): number | undefined {
    const places = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** Length of the longest end of the text that begins a stop sequence. */
  #countBegun(text: string): number {
    let most = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > most; length--) {
        if (stop.startsWith(text.slice(text.length - length))) most = length;
      }
    }
    return most;
  }
}
