import type { ReadableRequest } from './content-watch.ts';

/** The text that a request is about: the last message with one, the prompt, or the first input. */
export function readInput({ messages, prompt, input, text }: ReadableRequest): string | undefined {
  if (Array.isArray(messages)) return lastText(messages);
  for (const one of [prompt, input, text]) {
    if (typeof one === 'string') return one;
    if (Array.isArray(one) && typeof one[0] === 'string') return one[0];
  }
  return undefined;
}

function lastText(messages: readonly unknown[]): string | undefined {
  for (let place = messages.length - 1; place >= 0; place -= 1) {
    const content = contentOf(messages[place]);
    if (typeof content === 'string') return content;
    if (Array.isArray(content)) {
      const part = content.map((one) => (isRecord(one) ? one.text : undefined)).find((one) => typeof one === 'string');
      if (typeof part === 'string') return part;
    }
  }
  return undefined;
}

function contentOf(message: unknown): unknown {
  return isRecord(message) ? message.content : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
