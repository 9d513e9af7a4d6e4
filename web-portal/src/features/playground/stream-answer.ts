import { readChatStream } from '@scarmonit/client/read-chat-stream';
import { send } from '../../api/ask-server.ts';

export interface ChatTurn {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string;
}

/** An answer as far as it has come. Times are milliseconds since it was asked for. */
export interface AnswerSoFar {
  readonly text: string;
  readonly isDone: boolean;
  readonly requestId?: string;
  /** The version that answers. */
  readonly version?: string;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/**
 * Streams a chat answer of one version, telling how it goes. Aborting the signal stops the work on the server.
 * @throws ScarmonitApiError, ScarmonitUnreachableError
 */
export async function streamAnswer(
  request: {
    readonly model: string;
    readonly version: string;
    readonly turns: readonly ChatTurn[];
    readonly signal: AbortSignal;
  },
  tell: (answer: AnswerSoFar) => void,
): Promise<void> {
  const began = performance.now();
  const response = await send({
    method: 'POST',
    path: '/v1/chat/completions',
    json: { model: request.model, messages: request.turns, stream: true, stream_options: { include_usage: true } },
    modelVersion: request.version,
    signal: request.signal,
  });
  let answer: AnswerSoFar = {
    text: '',
    isDone: false,
    ...present('requestId', response.headers.get('x-request-id')),
    ...present('version', response.headers.get('x-model-version')),
  };
  for await (const { choices, usage } of readChatStream(response)) {
    const content = choices[0]?.delta.content ?? '';
    if (content !== '') {
      answer = {
        ...answer,
        text: answer.text + content,
        firstTokenMs: answer.firstTokenMs ?? performance.now() - began,
      };
    }
    if (usage != null) answer = { ...answer, inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
    tell(answer);
  }
  tell({ ...answer, isDone: true, totalMs: performance.now() - began });
}

function present<Name extends string>(name: Name, value: string | null): { readonly [Key in Name]?: string } {
  return (value === null ? {} : { [name]: value }) as { readonly [Key in Name]?: string };
}
