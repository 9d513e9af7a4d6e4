import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import type { Token } from 'node-llama-cpp';

/**
 * Turns the probabilities that a token was drawn from into log-probabilities.
 *
 * The binding gives them after the temperature; it is undone here, because OpenAI's are those of the model itself:
 * p ∝ exp(logit / T), hence logit = T × ln p + c, normalised again over all candidates. What top_k or top_p left out
 * is not among the candidates, so with these the values are relative to what was left.
 * @param probabilities the candidates, the likeliest first
 * @param temperature 0 for greedy
 * @param top how many alternatives to list
 */
export function toTokenLogprob(
  token: Token,
  probabilities: ReadonlyMap<Token, number>,
  temperature: number,
  top: number,
  bytesOf: (token: Token) => Uint8Array,
): TokenLogprob {
  const scale = temperature === 0 ? 1 : temperature;
  let total = 0;
  let highest = 0;
  for (const probability of probabilities.values()) highest = Math.max(highest, probability);
  for (const probability of probabilities.values()) total += (probability / highest) ** scale;
  const logTotal = Math.log(total);
  const describe = (of: Token): Omit<TokenLogprob, 'top'> => {
    const bytes = bytesOf(of);
    const ratio = (probabilities.get(of) ?? 0) / highest;
    const logprob = ratio === 0 ? leastLogprob : scale * Math.log(ratio) - logTotal;
    return { token: new TextDecoder().decode(bytes), logprob: Math.max(leastLogprob, logprob), bytes: [...bytes] };
  };
  const alternatives: Omit<TokenLogprob, 'top'>[] = [];
  for (const candidate of probabilities.keys()) {
    if (alternatives.length >= top) break;
    alternatives.push(describe(candidate));
  }
  return { ...describe(token), top: alternatives };
}

/** What OpenAI reports for tokens that are as good as impossible. */
const leastLogprob = -9999;

/**
 * Checks that log-probabilities can be given exactly.
 * @throws ScarmonitError `unsupported` for temperatures so low that single precision loses the other candidates
 */
export function checkLogprobs(topLogprobs: number | undefined, temperature: number): void {
  if (topLogprobs === undefined) return;
  if (!Number.isInteger(topLogprobs) || topLogprobs < 0 || topLogprobs > 20) {
    throw new ScarmonitError('invalid_request', 'top_logprobs must be a whole number from 0 to 20.', {
      param: 'top_logprobs',
    });
  }
  if (temperature > 0 && temperature < 0.2) {
    throw new ScarmonitError('unsupported', 'logprobs need a temperature of 0 or of at least 0.2.', {
      param: 'logprobs',
    });
  }
}
