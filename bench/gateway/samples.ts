/** What was measured: a number for each round, by what it is and whose it is. */
export class Samples {
  readonly #values = new Map<string, Map<string, number[]>>();

  add(what: string, whose: string, value: number): void {
    const row = this.#values.get(what) ?? new Map<string, number[]>();
    this.#values.set(what, row);
    const values = row.get(whose) ?? [];
    row.set(whose, values);
    values.push(value);
  }

  get(what: string, whose: string): readonly number[] {
    return this.#values.get(what)?.get(whose) ?? [];
  }

  rows(): readonly { readonly what: string; readonly values: ReadonlyMap<string, readonly number[]> }[] {
    return [...this.#values].map(([what, values]) => ({ what, values }));
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
