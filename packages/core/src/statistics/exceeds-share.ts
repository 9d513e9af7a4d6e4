/**
 * Whether so many events are more than a share explains: their chance, were the share true, is at most `chance`. By the
 * Chernoff–Hoeffding bound, chance ≤ exp(−n · KL(events/n ‖ share)), which holds for every n and is never too small.
 * @param events of `trials`
 * @param share 0…1
 * @see Hoeffding 1963, "Probability inequalities for sums of bounded random variables", JASA 58, theorem 1
 */
export function exceedsShare(events: number, trials: number, share: number, chance: number): boolean {
  if (trials === 0 || events <= share * trials) return false;
  if (share <= 0) return true;
  const seen = events / trials;
  const surprise = seen * Math.log(seen / share) + (seen === 1 ? 0 : (1 - seen) * Math.log((1 - seen) / (1 - share)));
  return trials * surprise >= -Math.log(chance);
}
