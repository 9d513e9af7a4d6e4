/** `count` (at least 2) values from `first` to `last`, both included and above 0, each the same multiple of the one before. */
export function logSpaced(first: number, last: number, count: number): readonly number[] {
  const step = Math.log(last / first) / (count - 1);
  return Array.from({ length: count }, (_, index) => first * Math.exp(step * index));
}
