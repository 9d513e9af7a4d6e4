import type { ChatPiece, TokenUsage } from './answers/answers.ts';
import { EmulatedError } from './error-table.ts';

/** One format of the platform's chat answers: as frames of a stream, and whole. */
export interface ChatFormat {
  /** The frames that one piece of an answer becomes. */
  toFrames(piece: ChatPiece, index: number): readonly unknown[];
  toResult(whole: WholeChat): unknown;
}

export interface WholeChat {
  /** An object in JSON mode. */
  readonly response: unknown;
  readonly toolCalls: readonly Extract<ChatPiece, { readonly type: 'tool-call' }>[];
  readonly reason: 'stop' | 'length' | 'tool_calls';
  readonly usage: TokenUsage;
}

/**
 * `{response, p}`: `p` is padding, so that the length of a frame does not tell the length of its text. It gives a reason only for
 * what was cut: usage does not tell where the limit was the platform's own.
 */
export const nativeFormat: ChatFormat = {
  toFrames: (piece, index) => {
    if (piece.type === 'text') return [{ response: piece.text, p: padding(index) }];
    if (piece.type === 'end') return [{ response: '', ...reasonOfCut(piece), usage: piece.usage, p: padding(index) }];
    return [{ response: '', tool_calls: [toNativeCall(piece)], p: padding(index) }];
  },
  toResult: ({ response, toolCalls, reason, usage }) => ({
    response,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(toNativeCall) }),
    ...reasonOfCut({ reason }),
    usage,
  }),
};

/** As newer models answer, and the endpoints in OpenAI's format always. */
export function createOpenAiFormat(model: string): ChatFormat {
  const identity = { id: 'id-emulated', created: 0, model };
  const frame = (delta: unknown, finishReason: string | null = null) => ({
    ...identity,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  return {
    toFrames: (piece) => {
      if (piece.type === 'text') return [frame({ content: piece.text })];
      if (piece.type === 'end') {
        const usage = { ...identity, object: 'chat.completion.chunk', choices: [], usage: piece.usage };
        return [frame({}, piece.reason), usage];
      }
      return toCallPieces(piece).map((call) => frame({ tool_calls: [call] }));
    },
    toResult: ({ response, toolCalls, reason, usage }) => ({
      ...identity,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: typeof response === 'string' ? response : JSON.stringify(response),
            ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(toOpenAiCall) }),
          },
          finish_reason: reason,
        },
      ],
      usage,
    }),
  };
}

/** Reads the pieces of an answer into one. @param isJson whether the answer must be JSON, which `response` then is */
export async function collectChat(pieces: AsyncIterable<ChatPiece>, isJson: boolean): Promise<WholeChat> {
  let text = '';
  const toolCalls: WholeChat['toolCalls'][number][] = [];
  for await (const piece of pieces) {
    if (piece.type === 'text') text += piece.text;
    else if (piece.type === 'tool-call') toolCalls.push(piece);
    else return { response: isJson ? parseJson(text) : text, toolCalls, reason: piece.reason, usage: piece.usage };
  }
  throw new Error('the answer never ended');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EmulatedError(5006, "JSON Mode couldn't be met");
  }
}

function reasonOfCut({ reason }: Pick<WholeChat, 'reason'>) {
  return reason === 'length' ? { finish_reason: reason } : {};
}

function toNativeCall({ name, argumentsJson }: WholeChat['toolCalls'][number]) {
  return { name, arguments: JSON.parse(argumentsJson) };
}

function toOpenAiCall({ id, name, argumentsJson }: WholeChat['toolCalls'][number]) {
  return { id, type: 'function', function: { name, arguments: argumentsJson } };
}

/** A start, the arguments in two halves, and a piece of nulls that says that it was the last. */
function toCallPieces({ id, name, argumentsJson }: WholeChat['toolCalls'][number]): readonly unknown[] {
  const middle = Math.ceil(argumentsJson.length / 2);
  return [
    { id, type: 'function', index: 0, function: { name, arguments: '' } },
    { index: 0, function: { arguments: argumentsJson.slice(0, middle) } },
    { index: 0, function: { arguments: argumentsJson.slice(middle) } },
    { id: null, type: null, index: 0, function: { name: null, arguments: '' } },
  ];
}

const letters = 'abdefghijklmnopqrstuvwxyz0123456789';

function padding(index: number): string {
  return letters.slice(0, 2 + ((index * 7) % (letters.length - 2)));
}
