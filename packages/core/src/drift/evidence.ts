/** How the bets are sized: shares of the largest that can never lose everything. */
const bets = [0.15, 0.4, 0.85];

/**
 * Evidence that something in 0…1 is more than tolerated on average, by bets that would win then: for each size of a bet
 * what those won that have begun so far. Plain JSON.
 */
export interface Evidence {
  /** Observations so far. */
  readonly observations: number;
  readonly won: readonly number[];
}

export const noEvidence: Evidence = { observations: 0, won: bets.map(() => 0) };

/** A number that JSON can hold, beyond which there is nothing to prove. */
const most = 1e12;

/**
 * Adds an observation. The null hypothesis is that its mean, whatever came before it, is at most `tolerated`. A part of
 * the stake, 1/(t(t+1)), enters with each observation t, so that a change after a long time without one is found nearly
 * as fast as one at the beginning.
 * @param observed 0…1
 * @param tolerated above 0 and below 1, fixed beforehand
 * @see Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS-B 86(1); Shin,
 *   Ramdas and Rinaldo 2023, "E-detectors", arXiv 2203.03532, for the stakes that enter later
 */
export function addEvidence(before: Evidence, observed: number, tolerated: number): Evidence {
  const observations = before.observations + 1;
  const entering = 1 / (observations * (observations + 1));
  const won = bets.map((share, bet) => {
    const odds = 1 + (share / tolerated) * (observed - tolerated);
    return Math.min(most, ((before.won[bet] ?? 0) + entering) * odds);
  });
  return { observations, won };
}

/**
 * How much one unit of money has become: by Ville's inequality it ever reaches 1/α with a probability of at most α where
 * the null hypothesis holds, however long and however often one looks.
 */
export function evidenceOf({ observations, won }: Evidence): number {
  const waiting = 1 / (observations + 1);
  return waiting + won.reduce((sum, one) => sum + one, 0) / won.length;
}
