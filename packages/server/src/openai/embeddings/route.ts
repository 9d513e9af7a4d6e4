import { embeddingListSchema, embeddingRequestSchema } from '@scarmonit/protocol/openai/embedding';
import { parseBody } from '../../http/parse-body.ts';
import type { DirectRoute } from '../../route.ts';
import { answerEmbeddings } from './answer-embeddings.ts';

const path = '/v1/embeddings';

export const createEmbedding: DirectRoute = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'createEmbedding',
    summary: 'Turn texts into vectors.',
    tag: 'OpenAI',
    body: { contentType: 'application/json', schemas: { EmbeddingRequest: embeddingRequestSchema } },
    answer: { status: 200, schemas: { EmbeddingList: embeddingListSchema } },
  },
  handle(c, parts) {
    const body = parseBody(embeddingRequestSchema, c.get('body'));
    return answerEmbeddings(c, parts, { route: path, model: body.model }, body);
  },
};
