/** A stretch of a rendered prompt: laid out by the template, or written by somebody else. */
export interface PromptPiece {
  readonly text: string;
  readonly plain: boolean;
}

/**
 * Keeps texts of users from becoming control tokens. Before the template is rendered, {@link protect} swaps every
 * stretch that holds a control token's text for a placeholder that nobody can guess; {@link split} finds the
 * placeholders in the rendered prompt, so that those stretches are tokenised as plain text.
 * Use one for each prompt.
 */
export class ControlTextEscape {
  readonly #pattern: RegExp | undefined;
  readonly #nonce: string;
  readonly #spans: string[] = [];

  /**
   * @param pattern matches any control text; see {@link controlTextPattern}
   * @param nonce random letters and digits, new for each prompt
   */
  constructor(pattern: RegExp | undefined, nonce: string) {
    this.#pattern = pattern;
    this.#nonce = nonce;
  }

  /** The text with the span from the first to the end of the last control text replaced. */
  protect(text: string): string {
    if (this.#pattern === undefined) return text;
    let start = -1;
    let end = -1;
    for (const match of text.matchAll(this.#pattern)) {
      if (start === -1) start = match.index;
      end = match.index + match[0].length;
    }
    if (start === -1) return text;
    const index = this.#spans.push(text.slice(start, end)) - 1;
    return `${text.slice(0, start)}${this.#nonce}x${index}x${text.slice(end)}`;
  }

  /** {@link protect} for every string inside a JSON value, keys included. */
  protectDeep(value: unknown): unknown {
    if (typeof value === 'string') return this.protect(value);
    if (Array.isArray(value)) return value.map((item) => this.protectDeep(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.protect(key), this.protectDeep(item)]));
  }

  /** Takes a rendered prompt apart; joined again, the pieces are the prompt with the texts put back. */
  split(rendered: string): readonly PromptPiece[] {
    if (this.#spans.length === 0) return rendered === '' ? [] : [{ text: rendered, plain: false }];
    const pieces: PromptPiece[] = [];
    let from = 0;
    for (const match of rendered.matchAll(new RegExp(`${this.#nonce}x(\\d+)x`, 'g'))) {
      if (match.index > from) pieces.push({ text: rendered.slice(from, match.index), plain: false });
      pieces.push({ text: this.#spans[Number(match[1])] ?? '', plain: true });
      from = match.index + match[0].length;
    }
    if (from < rendered.length) pieces.push({ text: rendered.slice(from), plain: false });
    return pieces;
  }
}

/** A pattern that matches any of the texts, the first listed first; undefined when there are none. */
export function controlTextPattern(texts: readonly string[]): RegExp | undefined {
  if (texts.length === 0) return undefined;
  return new RegExp(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'gu');
}
