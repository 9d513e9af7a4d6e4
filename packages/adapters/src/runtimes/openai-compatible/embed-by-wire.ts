import type { EmbedRequest, EmbedResult, LoadedVersion, RequestContext } from '@scarmonit/core/ports/model-runtime';
import { isMapping, parseObject } from '@scarmonit/core/upstream/parse-object';
import { toUnitVector } from '@scarmonit/core/upstream/to-unit-vector';
import { malformed } from './explain-transport.ts';

type Forward = NonNullable<LoadedVersion['forward']>;

/**
 * Embeds by the upstream's `embeddings` endpoint, and makes the vectors of unit length where they are not.
 * @throws ScarmonitError `bad_gateway` when the answer is not one vector an input
 */
export async function embedByWire(
  forward: Forward,
  publicModel: string,
  { input, dimensions }: EmbedRequest,
  context: RequestContext,
): Promise<EmbedResult> {
  const inputs = input.kind === 'texts' ? input.texts : input.tokens;
  const answer = await forward(
    {
      endpoint: 'embeddings',
      publicModel,
      body: {
        model: publicModel,
        input: inputs,
        encoding_format: 'float',
        ...(dimensions === undefined ? {} : { dimensions }),
      },
    },
    context,
  );
  const data = answer.kind === 'json' ? parseObject(answer.text)?.data : undefined;
  if (!Array.isArray(data) || data.length !== inputs.length) throw notOneEach();
  const vectors = new Array<Float32Array | undefined>(inputs.length);
  data.forEach((item: unknown, place) => {
    if (!isMapping(item)) throw notOneEach();
    const { index = place, embedding } = item;
    vectors[Number(index)] = toUnitVector(embedding) ?? fail();
  });
  return {
    vectors: Array.from({ length: inputs.length }, (_, at) => vectors[at] ?? fail()),
    inputTokens: answer.kind === 'json' ? (answer.usage?.inputTokens ?? 0) : 0,
  };
}

function fail(): never {
  throw notOneEach();
}

function notOneEach() {
  return malformed('The upstream did not send one vector for each input.').error;
}
