import { chatCompletionChunkSchema, chatCompletionSchema } from '@scarmonit/protocol/openai/chat-completion';
import { chatCompletionRequestSchema } from '@scarmonit/protocol/openai/chat-completion-request';
import { parseBody } from '../../http/parse-body.ts';
import type { DirectRoute } from '../../route.ts';
import { answerChat } from './answer-chat.ts';

const path = '/v1/chat/completions';

export const createChatCompletion: DirectRoute = {
  method: 'POST',
  path,
  access: 'infer',
  limited: true,
  operation: {
    id: 'createChatCompletion',
    summary: 'Answer a conversation, whole or as a stream.',
    tag: 'OpenAI',
    body: { contentType: 'application/json', schemas: { ChatCompletionRequest: chatCompletionRequestSchema } },
    answer: {
      status: 200,
      schemas: { ChatCompletion: chatCompletionSchema },
      events: { ChatCompletionChunk: chatCompletionChunkSchema },
    },
  },
  handle(c, parts) {
    const body = parseBody(chatCompletionRequestSchema, c.get('body'));
    return answerChat(c, parts, { route: path, model: body.model }, body);
  },
};
