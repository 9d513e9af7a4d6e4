import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { WireRequest } from '@scarmonit/core/ports/model-runtime';
import type { PlainRequest } from '@scarmonit/core/shadow/shadow-work';
import type { ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import type { CompletionRequest } from '@scarmonit/protocol/openai/completion';
import { toGenerateRequest } from './chat-completions/to-generate-request.ts';
import { toGenerateRequests } from './completions/to-generate-requests.ts';
import { type EmbeddingBody, toEmbedRequest } from './embeddings/to-embed-request.ts';

/**
 * What a request asks that a route has handed on as it came: for an engine on this machine that is asked the same. Of
 * several prompts the first, as of several answers.
 * @param request its body was checked by the route
 * @throws ScarmonitError for what only an upstream can do
 */
export function readWireRequest({ endpoint, body }: WireRequest): PlainRequest {
  switch (endpoint) {
    case 'chat/completions':
      return { kind: 'generate', request: toGenerateRequest(body as ChatRequest) };
    case 'completions': {
      const [request] = toGenerateRequests(body as CompletionRequest);
      if (request === undefined) throw new ScarmonitError('invalid_request', "'prompt' is empty.");
      return { kind: 'generate', request };
    }
    case 'embeddings':
      return { kind: 'embed', request: toEmbedRequest(body as EmbeddingBody) };
  }
}
