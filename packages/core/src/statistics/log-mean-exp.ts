/** ln of the mean of e^x over the values, without overflow; −∞ for values that are all −∞. At least one value. */
export function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum / values.length);
}
