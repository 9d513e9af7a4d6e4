import type { ModelCall } from './answer-call.ts';
import { EmulatedError } from './error-table.ts';
import { isMapping } from './validate-inputs.ts';
import { bindingWire, openAiWire, restWire } from './wire.ts';

/** A POST as it came. */
export interface ReceivedRequest {
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bodyText: string;
}

export type RoutedCall = Pick<ModelCall, 'wire' | 'model' | 'inputs' | 'options'>;

/** @returns what a request asks for; undefined for a path that is no door @throws EmulatedError */
export type Route = (request: ReceivedRequest) => RoutedCall | undefined;

/** `POST /client/v4/accounts/{id}/ai/run/{model}` with the inputs, and `options` among them. */
const runByRest: Route = ({ path, bodyText }) => {
  const model = /^\/client\/v4\/accounts\/[\w-]+\/ai\/run\/(@?[^?]+)$/.exec(path)?.[1];
  if (model === undefined) return undefined;
  const { options, ...inputs } = parseBody(bodyText);
  return { wire: restWire, model: decodeURIComponent(model), inputs, options };
};

/** `POST /run?version=3` with `{inputs, options}`; the model stands in a header. */
const runByBinding: Route = ({ path, query, headers, bodyText }) => {
  if (path !== '/run') return undefined;
  if (query.get('version') !== '3' || headers['cf-consn-sdk-version'] === undefined) throw new EmulatedError(5019);
  const model = headers['cf-consn-model-id'];
  if (model === undefined) throw new EmulatedError(3003, 'Request is missing headers or body: cf-consn-model-id');
  const { inputs, options } = parseBody(bodyText);
  if (!isMapping(inputs)) throw new EmulatedError(3003, 'Request is missing headers or body: inputs');
  return { wire: bindingWire, model, inputs, options };
};

/** `POST /client/v4/accounts/{id}/ai/v1/chat/completions` */
const chatByOpenAi: Route = ({ path, bodyText }) => {
  if (!/^\/client\/v4\/accounts\/[\w-]+\/ai\/v1\/chat\/completions$/.test(path)) return undefined;
  const { model, options, ...inputs } = parseBody(bodyText);
  return { wire: openAiWire, model: String(model), inputs, options };
};

/** `POST /client/v4/accounts/{id}/ai/v1/embeddings` */
const embedByOpenAi: Route = ({ path, bodyText }) => {
  if (!/^\/client\/v4\/accounts\/[\w-]+\/ai\/v1\/embeddings$/.test(path)) return undefined;
  const { model, options, input } = parseBody(bodyText);
  return { wire: createEmbeddingWire(String(model)), model: String(model), inputs: { text: input }, options };
};

/** The model's own result as OpenAI's list. */
function createEmbeddingWire(model: string): RoutedCall['wire'] {
  return {
    ...openAiWire,
    writeResult: (result) => ({
      object: 'list',
      data: (isMapping(result) && Array.isArray(result['data']) ? result['data'] : []).map((embedding, index) => ({
        object: 'embedding',
        index,
        embedding,
      })),
      model,
    }),
  };
}

export const routes: readonly Route[] = [runByRest, runByBinding, chatByOpenAi, embedByOpenAi];

/** The wire that errors of a path have, before anything else is known of the request. */
export function wireOf(path: string): RoutedCall['wire'] {
  return path === '/run' ? bindingWire : restWire;
}

function parseBody(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (isMapping(body)) return body;
  } catch {}
  throw new EmulatedError(3003);
}
