import { chatCompletionChunkSchema, chatCompletionSchema } from '@scarmonit/protocol/openai/chat-completion';
import { chatRequestSchema } from '@scarmonit/protocol/openai/chat-completion-request';
import { parseBody } from '../../http/parse-body.ts';
import { answerChat } from '../../openai/chat-completions/answer-chat.ts';
import type { DirectRoute } from '../../route.ts';

const path = '/api/chat';

export const chat: DirectRoute = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'chat',
    summary: "Answer a conversation with the server's chat model; 'model' chooses where there are several.",
    tag: 'Inference',
    body: { contentType: 'application/json', schemas: { ChatRequest: chatRequestSchema } },
    answer: {
      status: 200,
      schemas: { ChatCompletion: chatCompletionSchema },
      events: { ChatCompletionChunk: chatCompletionChunkSchema },
    },
  },
  handle(c, parts) {
    const body = parseBody(chatRequestSchema, c.get('body'));
    const model = body.model ?? parts.services.inference.defaultModel('chat', c.get('key'));
    return answerChat(c, parts, { route: path, model }, body);
  },
};
