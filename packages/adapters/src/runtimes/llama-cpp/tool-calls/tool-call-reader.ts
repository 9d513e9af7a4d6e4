/** What a reader makes of an answer's text. */
export type ReaderOutput =
  | { readonly type: 'text'; readonly text: string }
  /** A call begins. */
  | { readonly type: 'call'; readonly name: string; readonly argumentsDelta: string }
  /** More of the arguments of the call that began last. */
  | { readonly type: 'arguments'; readonly argumentsDelta: string };

/** Tells the calls of tools from the text of a streamed answer. */
export interface ToolCallReader {
  push(piece: string): readonly ReaderOutput[];
  /** What was held back, when no more will come. */
  flush(): readonly ReaderOutput[];
  /** Nothing that could still come would be part of the answer. */
  readonly isComplete: boolean;
}
