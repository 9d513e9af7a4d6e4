import { Tokenizer } from '@huggingface/tokenizers';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** Token ids of one text, as the model reads them. */
export type TokenIds = readonly number[];

export interface TextTokenizer {
  /** What fills up the shorter rows of a batch; the attention mask hides it. */
  readonly padId: number;
  /**
   * Token ids of a text, the model's special tokens included.
   * @param param the request field that the text came from, for errors
   * @throws ScarmonitError `invalid_request` for a text without tokens, `context_length_exceeded` for one with too many
   */
  encode(text: string, param: string): TokenIds;
  /**
   * Checks token ids that a client made, and adds the special tokens unless they are there already.
   * @throws ScarmonitError as {@link encode}; `invalid_request` also for ids that are not in the vocabulary
   */
  accept(ids: TokenIds, param: string): TokenIds;
}

/** What is used of the library; its own types do not resolve under `nodenext`. */
interface HubTokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
  get_vocab(withAddedTokens: boolean): ReadonlyMap<string, number>;
}

// More characters than any text of `maxTokens` tokens is likely to have. What is longer is first tried by its beginning,
// because the tokenizer takes seconds for megabytes, and overflows the stack.
const charactersPerToken = 32;

/**
 * A tokenizer for texts of up to `maxTokens` tokens.
 * @param tokenizerJson `tokenizer.json` in the format of Hugging Face tokenizers
 */
export function createTokenizer(
  tokenizerJson: object,
  { maxTokens, truncate }: { readonly maxTokens: number; readonly truncate: boolean },
): TextTokenizer {
  const tokenizer: HubTokenizer = new Tokenizer(tokenizerJson, {});
  const { before, after } = findSpecialTokens(tokenizer);
  const room = maxTokens - before.length - after.length;
  const vocabularySize = findVocabularySize(tokenizer);
  const longestText = maxTokens * charactersPerToken;
  const tooLong = (param: string, size: string) =>
    new ScarmonitError(
      'context_length_exceeded',
      `This model reads at most ${maxTokens} tokens, but '${param}' has ${size}. Shorten it.`,
      { param, code: 'context_length_exceeded' },
    );
  const content = (text: string, param: string): TokenIds => {
    try {
      return tokenizer.encode(text, { add_special_tokens: false }).ids;
    } catch (error) {
      // The tokenizer spreads the tokens of one word as arguments, and a word of 100,000 tokens overflows the stack.
      if (error instanceof RangeError) throw tooLong(param, `${text.length} characters`);
      throw error;
    }
  };

  const finish = (ids: TokenIds, param: string, more: boolean): TokenIds => {
    if (ids.length === 0) {
      throw new ScarmonitError('invalid_request', `'${param}' has no text that the model can read.`, { param });
    }
    if (ids.length > room && !truncate) {
      throw tooLong(param, `${more ? 'more than ' : ''}${ids.length + before.length + after.length}`);
    }
    return [...before, ...ids.slice(0, room), ...after];
  };

  return {
    padId: findPadId(tokenizer, tokenizerJson),
    encode(text, param) {
      if (text.length <= longestText) return finish(content(text, param), param, false);
      const ids = content(text.slice(0, longestText), param);
      // The cut may have split a word; the tokens before it stand.
      if (truncate || ids.length > room + 1) return finish(ids, param, true);
      throw tooLong(param, `${text.length} characters`);
    },
    accept(ids, param) {
      for (const id of ids) {
        if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
        throw new ScarmonitError(
          'invalid_request',
          `'${param}' holds ${id}, which is not a token of this model; they are 0 to ${vocabularySize - 1}.`,
          { param },
        );
      }
      // A client may have used the model's own tokenizer, which adds them.
      const complete =
        before.length + after.length > 0 &&
        ids.length > before.length + after.length &&
        before.every((id, index) => ids[index] === id) &&
        after.every((id, index) => ids[ids.length - after.length + index] === id);
      return finish(complete ? ids.slice(before.length, ids.length - after.length) : ids, param, false);
    },
  };
}

/** What the tokenizer puts around every text, such as `[CLS]` and `[SEP]`. */
function findSpecialTokens(tokenizer: HubTokenizer): { readonly before: TokenIds; readonly after: TokenIds } {
  const bare = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const { ids } = tokenizer.encode('a');
  for (let start = 0; start <= ids.length - bare.length; start += 1) {
    if (bare.every((id, index) => ids[start + index] === id)) {
      return { before: ids.slice(0, start), after: ids.slice(start + bare.length) };
    }
  }
  throw new ScarmonitError(
    'engine_failure',
    'tokenizer.json of the artifact changes texts beyond adding special tokens.',
  );
}

function findVocabularySize(tokenizer: HubTokenizer): number {
  let highest = -1;
  for (const id of tokenizer.get_vocab(true).values()) highest = Math.max(highest, id);
  return highest + 1;
}

// Some models (RoBERTa, MPNet) count positions by comparing ids with the padding's, so that any other id will not do.
function findPadId(tokenizer: HubTokenizer, tokenizerJson: object): number {
  const { padding } = tokenizerJson as { readonly padding?: { readonly pad_id?: unknown } | null };
  if (typeof padding?.pad_id === 'number') return padding.pad_id;
  return tokenizer.token_to_id('<pad>') ?? tokenizer.token_to_id('[PAD]') ?? 0;
}
