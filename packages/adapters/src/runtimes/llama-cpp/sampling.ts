import { randomInt } from 'node:crypto';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { LlamaGrammarEvaluationState, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { TokenBias } from 'node-llama-cpp';
import type { Vocabulary } from './vocabulary.ts';

/** How tokens are chosen, checked and with the defaults of OpenAI's API. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly seed: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly logitBias: readonly (readonly [token: number, bias: number])[];
}

type BiasableVocabulary = Pick<Vocabulary, 'size' | 'isEnd'>;

/**
 * Reads what a request says about sampling.
 * @throws ScarmonitError `invalid_request` or `unsupported` that names the field
 */
export function readSampling(request: GenerateRequest, vocabulary: BiasableVocabulary): Sampling {
  return {
    temperature: within(request.temperature ?? 1, 0, 100, 'temperature'),
    topP: within(request.topP ?? 1, 0, 1, 'top_p'),
    topK: Math.floor(within(request.topK ?? 0, 0, 1e9, 'top_k')),
    seed: toSeed(request.seed),
    frequencyPenalty: within(request.frequencyPenalty ?? 0, -2, 2, 'frequency_penalty'),
    presencePenalty: within(request.presencePenalty ?? 0, -2, 2, 'presence_penalty'),
    logitBias: Object.entries(request.logitBias ?? {}).map(([key, bias]) => {
      const token = Number(key);
      if (!/^\d+$/.test(key) || token >= vocabulary.size) {
        throw invalid('logit_bias', `has no token ${key}; the model's tokens are 0 to ${vocabulary.size - 1}`);
      }
      if (vocabulary.isEnd(token as Token)) {
        throw new ScarmonitError('unsupported', `logit_bias cannot change token ${key}, which ends answers.`, {
          param: 'logit_bias',
        });
      }
      return [token, within(bias, -100, 100, 'logit_bias')];
    }),
  };
}

/** The sampling in the binding's terms. `generated` is read at each token and grows with the answer. */
export function toEvaluateOptions(
  sampling: Sampling,
  model: LlamaModel,
  generated: Token[],
  contextTokens: number,
  grammar: LlamaGrammarEvaluationState | undefined,
): SequenceEvaluateOptions {
  const { frequencyPenalty, presencePenalty } = sampling;
  return {
    temperature: sampling.temperature,
    topP: sampling.topP,
    ...(sampling.topK === 0 ? allCandidates : { topK: sampling.topK }),
    seed: sampling.seed,
    yieldEogToken: true,
    ...(grammar === undefined ? {} : { grammarEvaluationState: grammar }),
    ...(frequencyPenalty === 0 && presencePenalty === 0
      ? {}
      : {
          repeatPenalty: {
            punishTokens: () => generated,
            maxPunishTokens: contextTokens,
            penalty: 1,
            frequencyPenalty,
            presencePenalty,
          },
        }),
    ...(sampling.logitBias.length === 0 ? {} : { tokenBias: toTokenBias(sampling.logitBias, model) }),
  };
}

/**
 * Leaves llama.cpp's top-k sampler out. The binding takes 0 for the size of the vocabulary and then sorts all of it at
 * every token, 7 ms for 32,000 tokens, and `undefined` for 40; null is what it drops from its configuration.
 */
const allCandidates = { topK: null } as unknown as { readonly topK?: number };

function toTokenBias(biases: Sampling['logitBias'], model: LlamaModel): TokenBias {
  const tokenBias = TokenBias.for(model);
  for (const [token, bias] of biases) tokenBias.set(token as Token, bias === -100 ? 'never' : { logit: bias });
  return tokenBias;
}

/** Any number as 32 bits. All ones would mean "random" to llama.cpp, so that one is moved. */
function toSeed(seed: number | undefined): number {
  const bits = seed === undefined ? randomInt(randomSeed) : Math.trunc(seed) >>> 0;
  return bits === randomSeed ? randomSeed - 1 : bits;
}

/** `LLAMA_DEFAULT_SEED` of llama.cpp. */
const randomSeed = 0xffff_ffff;

function within(value: number, min: number, max: number, param: string): number {
  if (!(value >= min && value <= max)) throw invalid(param, `must be from ${min} to ${max}`);
  return value;
}

function invalid(param: string, reason: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `${param} ${reason}.`, { param });
}
