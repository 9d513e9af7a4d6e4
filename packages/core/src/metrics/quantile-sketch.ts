/**
 * How far a quantile may be off, as a share of its value. Two sketches merge only because all have the same one, so it is
 * no setting.
 */
export const relativeError = 0.01;

const gamma = (1 + relativeError) / (1 - relativeError);
const perLog = 1 / Math.log(gamma);
/** What is smaller is counted as zero: a nanosecond, where values are milliseconds. */
const smallest = 1e-6;
const firstIndex = Math.ceil(Math.log(smallest) * perLog);
/** What is larger is counted as this: 31 years of milliseconds. */
const largest = 1e12;
/** Bins are made in blocks, so that few values make few arrays. */
const block = 64;

/**
 * The distribution of a stream of values in little space: quantiles of what was added, at most {@link relativeError} off,
 * whatever the values. Sketches of several processes, versions or times merge into the one that a single process would
 * have.
 * @see Masson, Rim and Lee 2019, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
 *   PVLDB 12(12), arXiv 1908.10693
 */
export class QuantileSketch {
  #count = 0;
  #sum = 0;
  #zeros = 0;
  /** The index of the first bin. */
  #offset = 0;
  #bins = new Float64Array(0);

  /** Reads what {@link toText} wrote. @throws Error for anything else */
  static fromText(text: string): QuantileSketch {
    const sketch = new QuantileSketch();
    sketch.mergeText(text);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  /** Of the values as they were, not as they were binned. */
  get sum(): number {
    return this.#sum;
  }

  /** @param value 0 or more; what is not a number is left out */
  add(value: number): void {
    if (!(value >= 0)) return;
    this.#count += 1;
    this.#sum += value;
    if (value < smallest) this.#zeros += 1;
    else this.#addAt(indexOf(value), 1);
  }

  merge(other: QuantileSketch): void {
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#zeros += other.#zeros;
    const added = other.#bins;
    if (added.length === 0) return;
    this.#reach(other.#offset, other.#offset + added.length);
    const bins = this.#bins;
    const shift = other.#offset - this.#offset;
    for (let place = 0; place < added.length; place += 1) {
      bins[shift + place] = (bins[shift + place] ?? 0) + (added[place] ?? 0);
    }
  }

  /**
   * The smallest value that at least a share `q` of the values does not exceed (the nearest rank).
   * @param q 0…1
   * @returns undefined when there are no values
   */
  quantile(q: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let passed = this.#zeros;
    if (passed >= rank) return 0;
    for (let place = 0; place < this.#bins.length; place += 1) {
      passed += this.#bins[place] ?? 0;
      if (passed >= rank) return (2 * gamma ** (this.#offset + place)) / (gamma + 1);
    }
    return undefined;
  }

  /** How many values are larger than a limit; those within {@link relativeError} of it may fall on either side. */
  countAbove(limit: number): number {
    if (limit < smallest) return this.#count - this.#zeros;
    const limitIndex = indexOf(limit);
    let above = 0;
    for (let place = Math.max(0, limitIndex + 1 - this.#offset); place < this.#bins.length; place += 1) {
      above += this.#bins[place] ?? 0;
    }
    return above;
  }

  /**
   * Text for a store: `sum;zeros;first,bin,bin…`. A bin is `gap:count` in base 36, its distance from the bin before and
   * how many values it has; a distance or a count of 1 is left out, so that `,` alone is one value in the next bin.
   */
  toText(): string {
    let text = `${this.#sum};${this.#zeros};`;
    let before: number | undefined;
    for (let place = 0; place < this.#bins.length; place += 1) {
      const count = this.#bins[place] ?? 0;
      if (count === 0) continue;
      const gap = before === undefined ? this.#offset + place - firstIndex : place - before;
      if (before !== undefined) text += ',';
      if (gap !== 1 || before === undefined) text += gap.toString(36);
      if (count !== 1) text += `:${count.toString(36)}`;
      before = place;
    }
    return text;
  }

  /** Adds what {@link toText} wrote; cheaper than to make a sketch of it first. @throws Error for anything else */
  mergeText(text: string): void {
    const afterSum = text.indexOf(';');
    const afterZeros = text.indexOf(';', afterSum + 1);
    const sum = Number(text.slice(0, Math.max(0, afterSum)) || Number.NaN);
    const zeros = Number(text.slice(afterSum + 1, Math.max(0, afterZeros)) || Number.NaN);
    if (!Number.isFinite(sum) || !Number.isSafeInteger(zeros)) throw new Error('This is no sketch.');
    this.#sum += sum;
    this.#zeros += zeros;
    this.#count += zeros;
    if (afterZeros + 1 < text.length) this.#mergeBins(text, afterZeros + 1);
  }

  #mergeBins(text: string, start: number): void {
    let index = firstIndex;
    let gap = 0;
    let count = 0;
    let hasGap = false;
    let hasCount = false;
    let bins = this.#bins;
    let offset = this.#offset;
    let total = 0;
    for (let at = start; at <= text.length; at += 1) {
      const code = at === text.length ? comma : text.charCodeAt(at);
      if (code === comma) {
        index += hasGap ? gap : 1;
        const added = hasCount ? count : 1;
        total += added;
        if (index < offset || index >= offset + bins.length) {
          this.#reach(index, index + 1);
          bins = this.#bins;
          offset = this.#offset;
        }
        bins[index - offset] = (bins[index - offset] ?? 0) + added;
        gap = 0;
        count = 0;
        hasGap = false;
        hasCount = false;
      } else if (code === colon) {
        hasCount = true;
      } else if (hasCount) {
        count = count * 36 + digitOf(code);
      } else {
        hasGap = true;
        gap = gap * 36 + digitOf(code);
      }
    }
    this.#count += total;
  }

  #addAt(index: number, count: number): void {
    if (index < this.#offset || index >= this.#offset + this.#bins.length) this.#reach(index, index + 1);
    const place = index - this.#offset;
    this.#bins[place] = (this.#bins[place] ?? 0) + count;
  }

  /** Makes bins for the indexes from one to before another, unless there are some. */
  #reach(first: number, end: number): void {
    const { length } = this.#bins;
    const isEmpty = length === 0;
    if (!isEmpty && first >= this.#offset && end <= this.#offset + length) return;
    const from = Math.floor((isEmpty ? first : Math.min(first, this.#offset)) / block) * block;
    const to = Math.ceil((isEmpty ? end : Math.max(end, this.#offset + length)) / block) * block;
    const bins = new Float64Array(to - from);
    if (!isEmpty) bins.set(this.#bins, this.#offset - from);
    this.#bins = bins;
    this.#offset = from;
  }
}

const comma = 44;
const colon = 58;

function indexOf(value: number): number {
  return Math.ceil(Math.log(Math.min(value, largest)) * perLog);
}

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 122) return code - 87;
  throw new Error('This is no sketch.');
}
