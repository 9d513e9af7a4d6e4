/** Longest integers that grammars allow; every one of them is exact in a double. */
export const largestInteger = 999_999_999_999_999;

/**
 * GBNF that matches exactly the integers from `min` to `max` without leading zeros.
 * Bounds beyond ±{@link largestInteger} are drawn in to it.
 */
export function integerRange(min: number, max: number): string {
  const low = Math.max(min, -largestInteger);
  const high = Math.min(max, largestInteger);
  const parts: string[] = [];
  if (low < 0) parts.push(`"-" (${positives(Math.max(1, -high), -low)})`);
  if (high >= 0) parts.push(positives(Math.max(0, low), high));
  return `(${parts.join(' | ')})`;
}

function positives(low: number, high: number): string {
  const parts: string[] = [];
  for (let from = low; from <= high; ) {
    const digits = String(from).length;
    const to = Math.min(high, 10 ** digits - 1);
    parts.push(sameLength(String(from), String(to)));
    from = to + 1;
  }
  return parts.join(' | ');
}

function sameLength(low: string, high: string): string {
  const first = low.charAt(0);
  const last = high.charAt(0);
  const rest = low.length - 1;
  if (rest === 0) return digitRange(first, last);
  if (first === last) return `"${first}" (${sameLength(low.slice(1), high.slice(1))})`;
  const isOpenBelow = /^0*$/.test(low.slice(1));
  const isOpenAbove = /^9*$/.test(high.slice(1));
  const parts: string[] = [];
  if (!isOpenBelow) parts.push(`"${first}" (${sameLength(low.slice(1), '9'.repeat(rest))})`);
  const middleFrom = isOpenBelow ? Number(first) : Number(first) + 1;
  const middleTo = isOpenAbove ? Number(last) : Number(last) - 1;
  if (middleFrom <= middleTo) parts.push(`${digitRange(String(middleFrom), String(middleTo))} [0-9]{${rest}}`);
  if (!isOpenAbove) parts.push(`"${last}" (${sameLength('0'.repeat(rest), high.slice(1))})`);
  return parts.join(' | ');
}

function digitRange(from: string, to: string): string {
  return from === to ? `"${from}"` : `[${from}-${to}]`;
}
