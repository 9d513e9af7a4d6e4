import type { Usage } from '../ports/model-runtime.ts';
import type { Prices } from '../registry/version-spec.ts';

/** What a request cost, in US dollars: the price a request, a token and a second, added up. */
export function costOf(prices: Prices, usage: Usage, runningMs: number): number {
  return (
    prices.perRequestUsd +
    (usage.inputTokens * prices.inputPerMillionTokensUsd + usage.outputTokens * prices.outputPerMillionTokensUsd) /
      1e6 +
    (runningMs / 1000) * prices.perSecondUsd
  );
}
