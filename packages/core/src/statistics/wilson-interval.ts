/** The 97.5 % point of the standard normal distribution. */
const twoSided95 = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 % two-sided by default. For reports that are looked at once (validation, load
 * tests); a gate that is looked at again and again needs an e-process.
 * @param events how many of `trials` had it, 0…trials
 * @param z the normal quantile of the wanted confidence
 * @returns the whole range from 0 to 1 when nothing was tried
 * @see Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22
 */
export function wilsonInterval(
  events: number,
  trials: number,
  z: number = twoSided95,
): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const share = events / trials;
  const scale = 1 + (z * z) / trials;
  const centre = share + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: events === 0 ? 0 : (centre - spread) / scale,
    high: events === trials ? 1 : (centre + spread) / scale,
  };
}
