import {
  classificationListSchema,
  classificationRequestSchema,
  type InferTask,
  inferEmbeddingRequestSchema,
  inferQuerySchema,
} from '@scarmonit/protocol/api/infer';
import { chatCompletionChunkSchema, chatCompletionSchema } from '@scarmonit/protocol/openai/chat-completion';
import { chatRequestSchema } from '@scarmonit/protocol/openai/chat-completion-request';
import { embeddingListSchema, type TextInputParam } from '@scarmonit/protocol/openai/embedding';
import type { AgentContext, AppParts } from '../../app-parts.ts';
import { missing } from '../../errors/request-errors.ts';
import type { Answer } from '../../http/answer.ts';
import { parseBody, parseValue } from '../../http/parse-body.ts';
import type { CallTarget } from '../../inference/open-call.ts';
import { answerChat } from '../../openai/chat-completions/answer-chat.ts';
import { answerEmbeddings } from '../../openai/embeddings/answer-embeddings.ts';
import type { Route } from '../../route.ts';
import { answerClassification } from './answer-classification.ts';

const path = '/api/infer';

type TaskHandler = (c: AgentContext, parts: AppParts) => Promise<Answer>;

/** One handler a task; the compiler asks for a new one when a task is added. */
const handlers: Readonly<Record<InferTask, TaskHandler>> = {
  chat(c, parts) {
    const body = parseBody(chatRequestSchema, c.get('body'));
    return answerChat(c, parts, chooseModel(c, parts, 'chat', body.model), body);
  },
  embedding(c, parts) {
    const { text, ...body } = parseBody(inferEmbeddingRequestSchema, c.get('body'));
    const input = inputOf({ input: body.input, text });
    return answerEmbeddings(c, parts, chooseModel(c, parts, 'embedding', body.model), { ...body, input });
  },
  classification(c, parts) {
    const body = parseBody(classificationRequestSchema, c.get('body'));
    const target = chooseModel(c, parts, 'classification', body.model);
    return answerClassification(c, parts, target, body, inputOf(body));
  },
};

export const infer: Route = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'infer',
    summary: "Run the model of a task; 'model' in the body chooses where there are several.",
    tag: 'Inference',
    query: inferQuerySchema,
    body: {
      contentType: 'application/json',
      schemas: {
        ChatRequest: chatRequestSchema,
        InferEmbeddingRequest: inferEmbeddingRequestSchema,
        ClassificationRequest: classificationRequestSchema,
      },
    },
    answer: {
      status: 200,
      schemas: {
        ChatCompletion: chatCompletionSchema,
        EmbeddingList: embeddingListSchema,
        ClassificationList: classificationListSchema,
      },
      events: { ChatCompletionChunk: chatCompletionChunkSchema },
    },
  },
  async handle(c, parts) {
    const { task } = parseValue(inferQuerySchema, c.req.query());
    return handlers[task](c, parts);
  },
};

function chooseModel(c: AgentContext, parts: AppParts, task: InferTask, wanted: string | null | undefined): CallTarget {
  return { route: path, model: wanted ?? parts.services.inference.defaultModel(task, c.get('key')) };
}

function inputOf(body: { input?: TextInputParam | undefined; text?: TextInputParam | undefined }): TextInputParam {
  const input = body.input ?? body.text;
  if (input === undefined) {
    throw missing('input');
  }
  return input;
}
