import type { ChatInputs } from '../validate-inputs.ts';

/** Where the emulator's answers come from. All of it stops when the signal is aborted. */
export interface Answers {
  /** Pieces of text and tool calls; the last is `end`. */
  chat(inputs: ChatInputs, signal: AbortSignal): AsyncIterable<ChatPiece>;
  /** One vector a text. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
  classify(text: string, signal: AbortSignal): Promise<readonly LabelScore[]>;
}

export type ChatPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly argumentsJson: string }
  | { readonly type: 'end'; readonly reason: 'stop' | 'length' | 'tool_calls'; readonly usage: TokenUsage };

export interface TokenUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export interface LabelScore {
  readonly label: 'POSITIVE' | 'NEGATIVE';
  readonly score: number;
}
