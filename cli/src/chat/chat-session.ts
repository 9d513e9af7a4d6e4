import type { ScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import type { ChatMessageParam } from '@scarmonit/protocol/openai/chat-completion-request';
import { type MeasuredAnswer, streamAnswer } from './stream-answer.ts';

export interface ChatSettings {
  /** Absent: the server's one chat model. */
  readonly model: string | undefined;
  readonly modelVersion: string | undefined;
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
}

/** A conversation that grows with each answer. */
export interface ChatSession {
  /**
   * Asks and hands on the answer as it comes. When it is cancelled or fails, the conversation is as it was before.
   * @throws as the client does
   */
  ask(message: string, onText: (text: string) => void, signal: AbortSignal): Promise<MeasuredAnswer>;
  /** Forgets everything but the system prompt. */
  reset(): void;
  /** Sets the system prompt (an empty one removes it) and forgets the conversation. */
  setSystem(prompt: string): void;
}

export function createChatSession(client: ScarmonitClient, settings: ChatSettings, systemPrompt = ''): ChatSession {
  let system = systemPrompt;
  let history: ChatMessageParam[] = [];
  return {
    ask: async (message, onText, signal) => {
      const asked: ChatMessageParam = { role: 'user', content: message };
      const request = {
        messages: [...(system === '' ? [] : [{ role: 'system' as const, content: system }]), ...history, asked],
        stream_options: { include_usage: true },
        ...(settings.maxTokens === undefined ? {} : { max_tokens: settings.maxTokens }),
        ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
      };
      const options = { signal, modelVersion: settings.modelVersion };
      const chunks =
        settings.model === undefined
          ? client.infer.streamChat(request, options)
          : client.streamChat({ ...request, model: settings.model }, options);
      const answer = await streamAnswer(chunks, onText);
      history = [...history, asked, { role: 'assistant', content: answer.text }];
      return answer;
    },
    reset: () => {
      history = [];
    },
    setSystem: (prompt) => {
      system = prompt;
      history = [];
    },
  };
}
