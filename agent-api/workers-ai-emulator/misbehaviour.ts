import { errorTable } from './error-table.ts';

/**
 * What the emulator does instead of answering well:
 * - `error:CODE`: an error of the table, with its status
 * - `busy`: 3040, but only for requests with `rejectIfBusy`; others wait half a second in the queue
 * - `truncate`: the stream ends properly after its first frames, without `[DONE]` and without a finish reason
 * - `break`: the connection is cut after the first frames, or instead of an answer
 * - `malformed`: a frame, or the whole answer, is no JSON
 * - `success-false`: status 200, and an envelope that says that it failed
 * - `slow:MS`: waits before the answer and between its frames
 * - `hang`: the answer never comes; `stall`: it stops after its first frames
 */
export type Misbehaviour =
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'busy' | 'truncate' | 'break' | 'malformed' | 'success-false' | 'hang' | 'stall' };

const plain = ['busy', 'truncate', 'break', 'malformed', 'success-false', 'hang', 'stall'] as const;

/** @throws RangeError that lists what there is */
export function parseMisbehaviour(text: string): Misbehaviour {
  const [kind = '', detail = ''] = text.split(':');
  const known = plain.find((name) => name === text);
  if (known !== undefined) return { kind: known };
  const number = Number(detail);
  if (kind === 'error' && errorTable[number] !== undefined) return { kind, code: number };
  if (kind === 'slow' && detail !== '' && Number.isInteger(number) && number >= 0) return { kind, ms: number };
  throw new RangeError(
    `${text} is no way to misbehave; there are ${plain.join(', ')}, slow:MS and error:CODE with CODE of ${Object.keys(errorTable).join(', ')}.`,
  );
}

/** How requests are to be answered from now on, as the admin route was told. */
export class Orders {
  #misbehaviour: Misbehaviour | undefined;
  #left = 0;

  /** @param times how many requests it is for */
  give(misbehaviour: Misbehaviour, times: number): void {
    this.#misbehaviour = misbehaviour;
    this.#left = times;
  }

  clear(): void {
    this.#misbehaviour = undefined;
  }

  /** For one request. */
  take(): Misbehaviour | undefined {
    if (this.#misbehaviour === undefined || this.#left <= 0) return undefined;
    this.#left -= 1;
    return this.#misbehaviour;
  }
}
