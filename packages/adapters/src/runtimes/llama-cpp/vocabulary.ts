import type { LlamaModel, Token } from 'node-llama-cpp';
import { LlamaVocabularyType } from 'node-llama-cpp';

/**
 * What the engine knows of a model's tokens: their bytes, which of them end an answer, and which texts would be read
 * as control tokens. Reads the vocabulary once.
 */
export class Vocabulary {
  readonly size: number;
  readonly bos: Token | undefined;
  readonly bosText: string;
  readonly eosText: string;
  readonly prependsBos: boolean;
  /** Texts of the control tokens, the longest first. */
  readonly controlTexts: readonly string[];
  /** Length in bytes of the longest token; a text of n bytes has at least n divided by this many tokens. */
  readonly longestTokenBytes: number;
  /** The tokeniser puts a space before the first word, so an answer's first space is not part of it. */
  readonly prefixesSpace: boolean;
  readonly #model: LlamaModel;
  readonly #endTokens = new Set<Token>();
  readonly #controlTokens = new Set<Token>();
  readonly #bytes = new Map<Token, Uint8Array>();
  readonly #anchor: readonly Token[];

  constructor(model: LlamaModel) {
    this.#model = model;
    this.#anchor = model.tokenize('a').slice(-1);
    this.bos = model.tokens.bos ?? undefined;
    this.bosText = model.tokens.bosString ?? '';
    this.eosText = model.tokens.eosString ?? '';
    this.prependsBos = model.tokens.shouldPrependBosToken;
    this.prefixesSpace = model.vocabularyType === LlamaVocabularyType.spm;
    const texts = new Set<string>();
    let size = 0;
    let longest = 1;
    for (const token of model.iterateAllTokens()) {
      size++;
      const text = model.detokenize([token], true);
      if (text.length > longest) longest = Buffer.byteLength(text);
      const isEnd = model.isEogToken(token);
      if (isEnd) this.#endTokens.add(token);
      const { control, unknown, userDefined } = model.getTokenAttributes(token);
      if (control || unknown || isEnd || (userDefined && markupForm.test(text))) {
        this.#controlTokens.add(token);
        if (text.trim() !== '') texts.add(text);
      }
    }
    this.size = size;
    this.longestTokenBytes = longest + 1;
    this.controlTexts = [...texts].sort((a, b) => b.length - a.length);
  }

  /** The model says that its answer is over. */
  isEnd(token: Token): boolean {
    return this.#endTokens.has(token);
  }

  /** The bytes that a generated token adds to the answer; none for control tokens. */
  bytesOf(token: Token): Uint8Array {
    let bytes = this.#bytes.get(token);
    if (bytes === undefined) {
      bytes = this.#readBytes(token);
      this.#bytes.set(token, bytes);
    }
    return bytes;
  }

  /** Like {@link bytesOf}, with the names of control tokens, as log-probabilities list them. */
  shownBytesOf(token: Token): Uint8Array {
    const bytes = this.bytesOf(token);
    return bytes.length > 0 ? bytes : new TextEncoder().encode(this.#model.detokenize([token], true));
  }

  /**
   * Tokens of a text that was laid out by us: control tokens in it count as such.
   * @param follows true when it follows plain text directly, so that no space may be put before it
   */
  tokenizeMarkup(text: string, follows = false): readonly Token[] {
    return this.#model.tokenize(text, true, ...(follows ? (['trimLeadingSpace'] as const) : []));
  }

  /**
   * Tokens of a text that somebody else wrote: nothing in it becomes a control token.
   * @param follows true when it follows other text directly, so that no space may be put before it
   */
  tokenizePlain(text: string, follows: boolean): readonly Token[] {
    const tokens = this.#model.tokenize(text, false, ...(follows ? (['trimLeadingSpace'] as const) : []));
    if (text.length < 2 || !tokens.some((token) => this.#controlTokens.has(token))) return tokens;
    const middle = Math.floor(text.length / 2);
    return [...this.tokenizePlain(text.slice(0, middle), follows), ...this.tokenizePlain(text.slice(middle), true)];
  }

  /** The id of a text that is one token of its own, such as `[TOOL_CALLS]`. */
  tokenOf(text: string): Token | undefined {
    const tokens = this.#model.tokenize(text, true);
    const last = tokens.at(-1);
    return last !== undefined && this.#model.detokenize([last], true) === text ? last : undefined;
  }

  #readBytes(token: Token): Uint8Array {
    if (this.#controlTokens.has(token)) return new Uint8Array();
    const text = this.#model.detokenize([token], false, this.#anchor);
    if (!text.includes('\uFFFD')) return new TextEncoder().encode(text);
    return partialBytes(this.#model.detokenize([token], true), this.#rawText(token)) ?? new TextEncoder().encode(text);
  }

  #rawText(token: Token): string | undefined {
    const raw: unknown = this.#model.fileInfo.metadata.tokenizer?.ggml?.tokens?.[token];
    return typeof raw === 'string' ? raw : undefined;
  }
}

/** User-defined tokens that look like this steer the model as control tokens do. */
const markupForm = /^<\|.*\|>$/;

/** Bytes of a token that is no whole UTF-8 text: `<0xE2>` in SentencePiece, a byte alphabet in GPT-2's encoding. */
function partialBytes(shown: string, raw: string | undefined): Uint8Array | undefined {
  const text = raw ?? shown;
  const byte = /^<0x([0-9A-F]{2})>$/.exec(text)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  const bytes = [...text].map((char) => byteAlphabet.get(char));
  return bytes.every((value) => value !== undefined) ? Uint8Array.from(bytes) : undefined;
}

/** `bytes_to_unicode` of GPT-2 (https://github.com/openai/gpt-2/blob/master/src/encoder.py), reversed. */
const byteAlphabet = buildByteAlphabet();

function buildByteAlphabet(): ReadonlyMap<string, number> {
  const alphabet = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    alphabet.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return alphabet;
}
