import { overlap } from '../stop-detector.ts';
import { JsonEndFinder } from './json-end-finder.ts';
import { parseToolCalls } from './parse-tool-call.ts';
import type { ReaderOutput, ToolCallReader } from './tool-call-reader.ts';
import type { ToolCallStyle } from './tool-call-style.ts';

/**
 * Finds calls in an answer whose model was free to call tools or not. Text that cannot become a call flows at once;
 * what could is held back until its JSON is complete, and is given as text after all when it is no call.
 */
export class ToolCallDetector implements ToolCallReader {
  isComplete = false;
  readonly #style: ToolCallStyle;
  readonly #toolNames: ReadonlySet<string>;
  #callsLeft: number;
  /** What was not given out yet: the beginning of a marker, or a candidate for a call. */
  #held = '';
  #state: 'start' | 'text' | 'body' | 'after' | 'between' = 'start';
  #finder = new JsonEndFinder();
  /** How much of `#held` belongs to the candidate's marker and the white space behind it. */
  #bodyStart = 0;
  #scanned = 0;

  /** @param maxCalls the answer is complete once this many calls are found; what follows them is dropped */
  constructor(style: ToolCallStyle, toolNames: readonly string[], maxCalls: number) {
    this.#style = style;
    this.#callsLeft = maxCalls;
    this.#toolNames = new Set(toolNames);
  }

  push(piece: string): readonly ReaderOutput[] {
    if (this.isComplete) return [];
    this.#held += piece;
    const outputs: ReaderOutput[] = [];
    let before: string;
    do {
      before = `${this.#state}${this.#held.length}`;
      this.#advance(outputs);
    } while (!this.isComplete && this.#held !== '' && before !== `${this.#state}${this.#held.length}`);
    return outputs;
  }

  flush(): readonly ReaderOutput[] {
    if (this.isComplete) return [];
    const outputs: ReaderOutput[] = [];
    if (this.#state !== 'after') this.#giveText(this.#held.length, outputs);
    this.#held = '';
    return outputs;
  }

  #advance(outputs: ReaderOutput[]): void {
    if (this.#state === 'start') this.#lookForBareCall();
    else if (this.#state === 'text') this.#lookForMarker(outputs);
    else if (this.#state === 'body') this.#readBody(outputs);
    else if (this.#state === 'after') this.#skipClosing();
    else this.#skipSpace();
  }

  #lookForBareCall(): void {
    const start = this.#held.search(/\S/);
    if (start === -1) return;
    if (this.#style.allowsBare && this.#held[start] === '{') this.#beginBody(start);
    else this.#state = 'text';
  }

  #lookForMarker(outputs: ReaderOutput[]): void {
    const { marker } = this.#style;
    const at = this.#held.indexOf(marker);
    if (at === -1) {
      this.#giveText(this.#held.length - overlap(this.#held, marker), outputs);
      return;
    }
    this.#giveText(at, outputs);
    this.#beginBody(marker.length);
  }

  #beginBody(start: number): void {
    this.#state = 'body';
    this.#bodyStart = start;
    this.#scanned = start;
    this.#finder = new JsonEndFinder();
  }

  #readBody(outputs: ReaderOutput[]): void {
    if (this.#scanned === this.#bodyStart) {
      const skipped = this.#held.slice(this.#bodyStart).search(/\S/);
      if (skipped === -1) return;
      this.#bodyStart += skipped;
      this.#scanned = this.#bodyStart;
    }
    const body = this.#held.slice(this.#bodyStart);
    if (!couldBeCall(body)) {
      this.#giveUp(outputs);
      return;
    }
    const end = this.#finder.push(this.#held.slice(this.#scanned));
    if (end === -1) {
      this.#scanned = this.#held.length;
      return;
    }
    const bodyEnd = this.#scanned + end;
    const calls = parseToolCalls(this.#held.slice(this.#bodyStart, bodyEnd), this.#toolNames);
    if (calls === undefined) {
      this.#giveUp(outputs);
      return;
    }
    for (const call of calls.slice(0, this.#callsLeft)) {
      outputs.push({ type: 'call', name: call.name, argumentsDelta: call.arguments });
    }
    this.#callsLeft -= calls.length;
    this.isComplete = this.#callsLeft <= 0;
    this.#held = this.#held.slice(bodyEnd);
    this.#state = 'after';
  }

  /** The candidate is no call: its marker or first character is text, and the search goes on behind it. */
  #giveUp(outputs: ReaderOutput[]): void {
    this.#giveText(Math.max(1, this.#bodyStart), outputs);
    this.#state = 'text';
  }

  #skipClosing(): void {
    const { closing } = this.#style;
    const rest = this.#held.trimStart();
    if (closing !== '' && rest.startsWith(closing)) this.#held = rest.slice(closing.length);
    else if (closing !== '' && closing.startsWith(rest)) return;
    this.#state = 'between';
  }

  /** White space behind a call is no part of the answer. */
  #skipSpace(): void {
    this.#held = this.#held.trimStart();
    if (this.#held !== '') this.#state = 'text';
  }

  #giveText(length: number, outputs: ReaderOutput[]): void {
    if (length > 0) outputs.push({ type: 'text', text: this.#held.slice(0, length) });
    this.#held = this.#held.slice(length);
  }
}

const firstKeys = ['"name"', '"type"', '"function"', '"arguments"', '"parameters"', '"id"'];

/** False as soon as the first characters rule out a call, so that other JSON in an answer flows at once. */
function couldBeCall(body: string): boolean {
  const head = /^(?:\[\s*)?\{?\s*/.exec(body.slice(0, 64))?.[0] ?? '';
  if (body.length === head.length) return /^[[{]/.test(body);
  if (!head.includes('{')) return false;
  const key = body.slice(head.length, head.length + 12);
  return firstKeys.some((name) => name.startsWith(key) || key.startsWith(name));
}
