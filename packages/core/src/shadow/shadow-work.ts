import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  GenerateEvent,
  GenerateRequest,
  WireRequest,
} from '../ports/model-runtime.ts';

/** A request with the whole of its answer, as a runtime takes the one and gives the other. */
export type ShadowWork =
  | { readonly kind: 'classify'; readonly request: ClassifyRequest; readonly answer: ClassifyResult }
  | { readonly kind: 'embed'; readonly request: EmbedRequest; readonly answer: EmbedResult }
  | { readonly kind: 'generate'; readonly request: GenerateRequest; readonly answer: readonly GenerateEvent[] }
  /** `answer` is the one JSON text of a whole answer, or those of a stream's chunks. */
  | { readonly kind: 'forward'; readonly request: WireRequest; readonly answer: readonly string[] };

/** What a request in wire format asks of a version that does not speak that format. */
export type PlainRequest =
  | { readonly kind: 'generate'; readonly request: GenerateRequest }
  | { readonly kind: 'embed'; readonly request: EmbedRequest };

/**
 * Reads a request that was handed on unread.
 * @throws ScarmonitError for what only an upstream can do
 */
export type ReadWireRequest = (request: WireRequest) => PlainRequest;

/** About how many characters, tokens or numbers a request with its answer holds, to bound what waits in memory. */
export function sizeOfWork(work: ShadowWork): number {
  switch (work.kind) {
    case 'classify':
      return sizeOfInput(work.request.input);
    case 'embed':
      return sizeOfInput(work.request.input) + sum(work.answer.vectors, ({ length }) => length);
    case 'generate':
      return sizeOfPrompt(work.request) + sum(work.answer, sizeOfEvent);
    case 'forward': {
      const { text, body } = work.request;
      return (text ?? JSON.stringify(body)).length + sum(work.answer, ({ length }) => length);
    }
  }
}

/** About how many characters an event holds. */
export function sizeOfEvent(event: GenerateEvent): number {
  if (event.type === 'text') return event.text.length;
  return event.type === 'tool-call' ? event.argumentsDelta.length : 1;
}

function sizeOfInput(input: EmbedRequest['input']): number {
  return input.kind === 'texts' ? sum(input.texts, ({ length }) => length) : sum(input.tokens, ({ length }) => length);
}

function sizeOfPrompt({ input }: GenerateRequest): number {
  if (input.kind === 'messages') return sum(input.messages, ({ content }) => content.length);
  return input.kind === 'text' ? input.text.length : input.tokens.length;
}

function sum<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  return items.reduce((total, item) => total + sizeOf(item), 0);
}
