import { responseEventSchema, responseSchema } from '@scarmonit/protocol/openai/response';
import { type ResponseRequest, responseRequestSchema } from '@scarmonit/protocol/openai/response-request';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { parseBody } from '../../http/parse-body.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import { collectGeneration, totalTokens } from '../../inference/collect-generation.ts';
import { openCall } from '../../inference/open-call.ts';
import { streamGeneration } from '../../inference/stream-generation.ts';
import type { DirectRoute } from '../../route.ts';
import { beginResponse, buildOutput, endResponse } from './build-response.ts';
import { ResponseStreamEncoder } from './response-stream-encoder.ts';
import { toGenerateRequest } from './to-generate-request.ts';

const path = '/v1/responses';

export const createResponse: DirectRoute = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'createResponse',
    summary: 'Answer an input, whole or as a stream of typed events. Nothing is stored.',
    tag: 'OpenAI',
    body: { contentType: 'application/json', schemas: { ResponseRequest: responseRequestSchema } },
    answer: { status: 200, schemas: { Response: responseSchema }, events: { ResponseEvent: responseEventSchema } },
  },
  handle(c, parts) {
    return answerResponse(c, parts, parseBody(responseRequestSchema, c.get('body')));
  },
};

function answerResponse(c: CallContext, parts: AppParts, body: ResponseRequest): Promise<Answer> {
  const request = toGenerateRequest(body);
  const call = openCall(c, { route: path, model: body.model }, body);
  const nowSeconds = (): number => toSeconds(parts.clock.now());
  const id = `resp_${parts.newId()}`;
  const created = nowSeconds();
  return parts.services.inference.serve(call, 'chat', async (version) => {
    const { servedBy } = version;
    const begun = beginResponse({ id, created, servedBy }, body);
    if (body.stream === true) {
      const encoder = new ResponseStreamEncoder(begun, { newId: parts.newId, nowSeconds });
      return streamGeneration(c, parts, version, request, encoder);
    }
    const generation = await collectGeneration(await version.generate(request), c.get('progress'));
    c.get('reservation').settle(totalTokens(generation.usage));
    const output = buildOutput(generation, parts.newId);
    return answerServed(
      c,
      parts,
      servedBy,
      endResponse(begun, output, generation.reason, generation.usage, nowSeconds()),
    );
  });
}
