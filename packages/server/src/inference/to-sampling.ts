import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { invalidValue, unsupported } from '../errors/request-errors.ts';
import { dropNullish } from '../http/drop-nullish.ts';

/** Most tokens of an answer when the request does not say. */
export const defaultMaxTokens = 1024;

/** The wire fields that chat and text completions share. */
interface SamplingParams {
  readonly frequency_penalty?: number | null | undefined;
  readonly logit_bias?: Readonly<Record<string, number>> | null | undefined;
  readonly n?: number | null | undefined;
  readonly presence_penalty?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: object | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly top_k?: number | null | undefined;
  readonly top_p?: number | null | undefined;
}

type Sampling = Omit<GenerateRequest, 'input' | 'maxTokens' | 'format' | 'tools' | 'toolChoice' | 'topLogprobs'>;

/** @throws ScarmonitError for `n` above 1 and for `stream_options` without `stream` */
export function toSampling(params: SamplingParams): Sampling {
  if ((params.n ?? 1) > 1) {
    throw unsupported('n', "Only one choice a request is supported: leave 'n' out or set it to 1.");
  }
  if (params.stream !== true && params.stream_options !== null && params.stream_options !== undefined) {
    throw invalidValue('stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  const { stop } = params;
  return {
    stop: typeof stop === 'string' ? [stop] : (stop ?? []),
    ...dropNullish({
      temperature: params.temperature,
      topP: params.top_p,
      topK: params.top_k,
      seed: params.seed,
      frequencyPenalty: params.frequency_penalty,
      presencePenalty: params.presence_penalty,
      logitBias: params.logit_bias,
    }),
  };
}
