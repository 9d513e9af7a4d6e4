import { randomBytes } from 'node:crypto';
import type { GenerateEvent, TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import { StopDetector } from './stop-detector.ts';
import type { ReaderOutput, ToolCallReader } from './tool-calls/tool-call-reader.ts';

export interface AnswerForm {
  readonly stop: readonly string[];
  /** Tells calls of tools from text; absent when there are none to call. */
  readonly reader: ToolCallReader | undefined;
  /** The tokeniser put a space before the first word that is not part of the answer. */
  readonly dropsFirstSpace: boolean;
}

/**
 * Turns the bytes of generated tokens into the events of an answer: whole characters, cut before a stop string,
 * calls of tools told apart. Each byte is looked at once.
 */
export class AnswerWriter {
  readonly #emit: (event: GenerateEvent) => void;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #stops: StopDetector;
  readonly #reader: ToolCallReader | undefined;
  #dropsSpace: boolean;
  #calls = 0;
  #logprobs: TokenLogprob[] = [];
  #isOver = false;

  constructor(form: AnswerForm, emit: (event: GenerateEvent) => void) {
    this.#stops = new StopDetector(form.stop);
    this.#reader = form.reader;
    this.#dropsSpace = form.dropsFirstSpace;
    this.#emit = emit;
  }

  get hasCalls(): boolean {
    return this.#calls > 0;
  }

  /**
   * Adds the bytes of one token.
   * @returns true when the answer is over: a stop string was met or the forced call is complete
   */
  write(bytes: Uint8Array, logprob: TokenLogprob | undefined): boolean {
    if (logprob !== undefined) this.#logprobs.push(logprob);
    return this.#writeText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Gives out what was held back. Half a character at the very end becomes U+FFFD. */
  finish(): void {
    if (this.#isOver) return;
    if (this.#writeText(this.#decoder.decode())) return;
    this.#read(this.#stops.flush());
    for (const output of this.#reader?.flush() ?? []) this.#put(output);
  }

  #writeText(piece: string): boolean {
    const text = this.#withoutFirstSpace(piece);
    if (text === '') return false;
    const result = this.#stops.push(text);
    this.#read(result.text);
    if (result.stopped) for (const output of this.#reader?.flush() ?? []) this.#put(output);
    this.#isOver = result.stopped || this.#reader?.isComplete === true;
    return this.#isOver;
  }

  #withoutFirstSpace(piece: string): string {
    if (!this.#dropsSpace || piece === '') return piece;
    this.#dropsSpace = false;
    return piece.startsWith(' ') ? piece.slice(1) : piece;
  }

  #read(text: string): void {
    if (text === '') return;
    if (this.#reader === undefined) this.#put({ type: 'text', text });
    else for (const output of this.#reader.push(text)) this.#put(output);
  }

  #put(output: ReaderOutput): void {
    if (output.type === 'text') {
      const logprobs = this.#logprobs;
      this.#logprobs = [];
      this.#emit({ type: 'text', text: output.text, ...(logprobs.length === 0 ? {} : { logprobs }) });
    } else if (output.type === 'call') {
      this.#emit({
        type: 'tool-call',
        index: this.#calls++,
        id: `call_${randomBytes(12).toString('hex')}`,
        name: output.name,
        argumentsDelta: output.argumentsDelta,
      });
    } else if (output.argumentsDelta !== '') {
      this.#emit({ type: 'tool-call', index: this.#calls - 1, argumentsDelta: output.argumentsDelta });
    }
  }
}
