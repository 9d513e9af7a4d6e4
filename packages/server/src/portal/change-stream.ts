import type { PiecewiseBody } from '../http/answer.ts';

/**
 * Text that is sent as it comes, with comments in between so that both ends see that the other is there. What a slow
 * reader has not read yet is kept once: frames that say the same are one.
 */
export class ChangeStream implements PiecewiseBody {
  readonly #waiting = new Set<string>([': connected\n\n']);
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #limit: ReturnType<typeof setTimeout>;
  #wake: (() => void) | undefined;
  #ended = false;
  #end: (() => void) | undefined;

  constructor({ heartbeatMs, longestMs }: { readonly heartbeatMs: number; readonly longestMs: number }) {
    this.#heartbeat = setInterval(() => this.push(': still here\n\n'), heartbeatMs);
    this.#limit = setTimeout(() => void this.cancel(), longestMs);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends a frame. */
  push(frame: string): void {
    this.#waiting.add(frame);
    this.#wake?.();
  }

  /** Called once, when the stream ends. */
  onEnd(run: () => void): void {
    this.#end = run;
  }

  async read(): Promise<string> {
    if (this.#waiting.size === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const text = [...this.#waiting].join('');
    this.#waiting.clear();
    return text;
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#limit);
    this.#end?.();
    this.#wake?.();
  }
}
