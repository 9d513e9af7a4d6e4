import type { ErrorData } from '@scarmonit/core/errors/scarmonit-error';

/**
 * What two processes say to each other over Node's IPC channel (`advanced` serialization, so typed arrays cross as bytes).
 *
 * Every transmission is an array of messages: what one turn of the event loop has to say goes in one piece. Ids are given
 * by the side that asks and never used twice. A call is answered by one `result` or `failed`, a stream by any number of
 * `item` and then `end` or `failed`; nobody waits for what becomes of a `tell`.
 */
export type ChannelMessage =
  | { readonly type: 'tell'; readonly name: string; readonly argument: unknown }
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly type: 'open'; readonly id: number; readonly name: string; readonly argument: unknown }
  /** The asking side has left. What is sent afterwards is dropped. */
  | { readonly type: 'cancel'; readonly id: number }
  /** The reader of a stream took `count` more items: as many more may be sent. See {@link itemWindow}. */
  | { readonly type: 'taken'; readonly id: number; readonly count: number }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'item'; readonly id: number; readonly value: unknown }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorData };

/** Items of one stream that may be under way or unread; then the side that makes them waits for the reader. */
export const itemWindow = 64;

/** After so many items taken the reader says so. */
export const takenEvery = 16;
