import type { Usage } from '../ports/model-runtime.ts';
import type { Prices } from '../registry/version-spec.ts';

/** What the work of a request cost, in US dollars: the prices of tokens and seconds, added up, without {@link RequestPrice}. */
export function costOfWork(prices: Prices, usage: Usage, runningMs: number): number {
  return (
    (usage.inputTokens * prices.inputPerMillionTokensUsd + usage.outputTokens * prices.outputPerMillionTokensUsd) /
      1e6 +
    (runningMs / 1000) * prices.perSecondUsd
  );
}

/** The price of one HTTP request at one version: however many prompts it brings, the first that runs takes it. */
export class RequestPrice {
  #dueUsd: number;

  constructor({ perRequestUsd }: Prices) {
    this.#dueUsd = perRequestUsd;
  }

  /** US dollars; 0 from the second time on. */
  take(): number {
    const due = this.#dueUsd;
    this.#dueUsd = 0;
    return due;
  }
}
